"""`issues`: what a neighbourhood wants solved, from filing to closing.

owns       issues with their tasks and timelines, who follows them and what is written on them, who has read
           confidential ones, agencies' stray answers, a copy of the registry's records
answers    POST /filings (joined) · GET /issues, /issues/<ref>, /issues/<ref>/contact, /issues/<ref>/id, /updates ·
           POST /issues/<ref>/confirm, /not-fixed, /withdraw, /check, /reject, /prioritise, /assign ·
           POST /issues/<ref>/tasks/<task>/cancel, /defer, /extend, /decline, /resume, /redo · GET …/<task>/deadline ·
           GET /tasks, /tasks/<task> · POST /tasks/<task>/accept, /refuse, /refer, /start, /wait, /resume,
           /ask-deferral, /ask-extension, /finish · GET /worklists, /worklists/<name> ·
           GET /issues/similar, /issues/<ref>/contacts, /issues/<ref>/contacts/<person> ·
           POST /issues/<ref>/join, /leave, /duplicate-of, /not-duplicate · GET and POST /issues/<ref>/messages ·
           GET /cases, /case-reads · GET and POST /issues/<ref>/assessments · POST /issues/<ref>/confidential ·
           POST /routing/try · GET /routing/report
emits      issues.events: everything in `contracts.issues`; agencies.tasks: everything in `contracts.agencies`
consumes   issues.registry (territories, boundaries, headquarters, agencies,
           committees, categories, rules, calendars; people who were erased) · issues.answers (agencies' answers)
"""

"""`issues`: what a neighbourhood wants solved, from filing to closing.

owns       issues with their tasks and timelines, agencies' stray answers, a copy of the registry's records
answers    POST /filings (joined) · GET /issues, /issues/<ref>, /issues/<ref>/contact · POST /issues/<ref>/confirm,
           /not-fixed, /withdraw, /assign, /tasks/<task>/cancel · GET /tasks, /tasks/<task> ·
           POST /tasks/<task>/accept, /refuse, /start, /finish · POST /routing/try · GET /routing/report
emits      issues.events: everything in `contracts.issues`; agencies.tasks: everything in `contracts.agencies`
consumes   issues.registry (territories, boundaries, headquarters, agencies,
           committees, categories, rules, calendars) · issues.answers (agencies' answers)
"""

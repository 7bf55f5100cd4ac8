"""`issues`: what a neighbourhood wants solved, from filing to closing.

owns       issues with their tasks and timelines, agencies' stray answers, a copy of the registry's rules and boundaries
answers    POST /filings (joined) · GET /issues, /issues/<ref>, /issues/<ref>/contact · POST /issues/<ref>/confirm,
           /not-fixed, /withdraw, /assign, /tasks/<task>/cancel · GET /tasks, /tasks/<task> ·
           POST /tasks/<task>/accept, /refuse, /start, /finish
emits      issues.events: everything in `contracts.issues`; agencies.tasks: everything in `contracts.agencies`
consumes   issues.registry (territories, boundaries, agencies, categories, rules) · issues.answers (agencies' answers)
"""

"""`gateway`: the front door. Finds out who is asking, signs it, and asks the services; keeps nothing.

owns       nothing: no model, no database
answers    JSON under /v1, one file per surface: `issues` (filing, following, the filer's answers, the secretary's hand),
           `agencies` (their tasks and moves), `registers` (who and where), `statistics`; `front` is around every answer,
           `limits` is what a caller may ask for
emits      nothing
consumes   nothing
"""

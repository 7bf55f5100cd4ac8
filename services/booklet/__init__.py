"""`booklet`: what was achieved, for everybody to see. Every published number is counted from its rows.

owns       one row per issue, and the names of places, agencies and categories; all of it can be rebuilt from events
answers    GET /statistics: by agency, category, month or place of any level; of a category, place, agency and period
emits      nothing
consumes   booklet.issues (every fact of `issues`) · booklet.registry (territories, agencies, categories)
"""

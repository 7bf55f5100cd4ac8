"""`registry`: who and where, as dated data, and who is who.

owns       territories with boundaries, headquarters, agencies, committees, categories, routing rules, calendars, seats:
           each record the list of its edits, so that it can be read as of any day; sets of changes that come into force
           together; addresses, apart
answers    GET /<register> (territories, boundaries, headquarters, agencies, committees, categories, rules, calendars,
           seats; as of a day), /<register>/<code>, its /history, /neighbourhoods · PUT /<register>/<code>, POST its /end ·
           POST /agencies · GET /contacts/<kind>/<code>
emits      registry.events: everything in `contracts.registry`; again on the day that a dated change comes into force
consumes   registry.registry: an agency that changed gets, or loses, its queue and its user at the broker
"""

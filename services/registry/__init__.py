"""`registry`: who and where.

owns       territories with boundaries, agencies, committees, categories, routing rules, seats and the people in them
answers    GET /neighbourhoods, /agencies, /categories · POST /agencies · GET /contacts/<kind>/<code>
emits      registry.events: everything in `contracts.registry`
consumes   registry.registry: an agency that changed gets, or loses, its queue and its user at the broker
"""

"""`notifications`: telling people what happened to an issue that concerns them, and sending the codes they asked for.

owns       one delivery per message with its state, one row per code, and a copy of what it needs of the registry; no
           address, no name of a person, no code: it asks the owner when it sends
answers    GET /deliveries?issue=<id>
asks       issues: GET /issues/<id>/contact, /issues/<id>/contacts, /issues/<id>/contacts/<person> ·
           registry: GET /contacts/agency/<code>, /contacts/seat/<code>, /codes/<id>
emits      nothing
consumes   notifications.issues (the events in `rules`) · notifications.registry (seats, agencies, and the names of
           places and categories) · notifications.codes (one-time codes that were asked for)
"""

"""`notifications`: telling people what happened to an issue that concerns them.

owns       one delivery per message with its state, and a copy of what it needs of the registry; no address, no name
           of a person: it asks the owner when it sends
answers    GET /deliveries?issue=<id>
asks       issues: GET /issues/<id>/contact, /issues/<id>/contacts, /issues/<id>/contacts/<person> ·
           registry: GET /contacts/agency/<code>, /contacts/seat/<code>
emits      nothing
consumes   notifications.issues (the events in `rules`) · notifications.registry (seats, agencies, and the names of
           places and categories)
"""

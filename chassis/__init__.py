"""How every service runs. Knows nothing of issues or agencies beyond what `contracts` says.

    settings, logs, metrics, health    one set of names for every process
    database, store                    one document, one write
    relay, publisher                   from outboxes to the broker, no eventlet
    topology                           every exchange, queue and broker user, in one place
    consume, settle                    from queues to a service's method, in batches
    http_server, http_client, caller   asking: gateway and services
    run                                starts one service; eventlet and nameko live here and in the two above
"""

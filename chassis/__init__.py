"""How every service runs. Knows nothing of issues or agencies beyond what `contracts` says.

    settings, logs, metrics, health     one set of names for every process
    database, store                     one document, one write
    relay, publisher                    from outboxes to the broker, no eventlet
    topology, connection                every exchange, queue and broker user, in one place; how the broker is called
    consume, parking, dead_letters      from queues to a service's method, in batches; what becomes of what fails
    http_server, web_server             being asked
    protocol, connections, addresses    by whom: what a connection may send, how long it may take, how many there may be
    http_client, caller                 asking: gateway and services
    run                                 starts one service; eventlet and nameko live here and in the four above
"""

"""`make bench`: what the platform does on this machine, as figures with their spread. Nothing here passes or fails.

    ground      the platform with the sample province and its servers, in a folder of their own
    yardstick   the least that a stack must do, in the same run on the same servers, where it is present
    clients     the load: many clients on kept connections in one process, closed loop and open loop
    filings     what is filed, and filings a second
    counting    which filings count: those after which everything is current within five seconds
    lifecycles  from filing to closing and finding
    lists       lists of 50
    searches    every kind of list and search at the service itself
    sweeping    how fast the sweeper finds and finishes what fell due
    latency     how long filing takes, and until it is in the agency's queue, at a steady 50 a second
    relaying    how fast the relay empties outboxes
    divisions   the divisions of all Iran imported, and points looked up with them there
    stored      a great many issues that are there already
    usage       CPU seconds and memory of every process, as the kernel counts them
    figures     percentiles, spreads, rows
    report      tables on the terminal, as markdown, as JSON
"""

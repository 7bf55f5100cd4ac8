"""`make chaos`: the whole platform is broken again and again while it works, and then its books are checked.

    schedule   which fault when, from a seed
    ground     the platform and its servers, in a folder of their own
    insisting  whoever insists on a request until it is answered
    workload   residents and agencies with their issues
    visits     residents, programs and staff with their codes, sessions, keys and invitations
    agency     one agency's end of the wire
    ledger     every yes of the platform, on disk before it counts
    nemesis    the faults
    recovery   how long until a filing reaches its agency again
    quiesce    waiting until nothing is on its way any more
    evidence   what the stores and the agencies hold then
    checker    ledger against evidence: what was lost, what was done twice
    accounts   the same for what was given of sessions, keys and passwords, and what was ended
    played     a small world without a fault, on which the checker is tried
    report     the tables and the last line
"""

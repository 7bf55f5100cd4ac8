"""`make chaos`: the whole platform is broken again and again while it works, and then its books are checked.

    schedule   which fault when, from a seed
    ground     the platform and its servers, in a folder of their own
    workload   residents and agencies, who insist on every request until it is answered
    agency     one agency's end of the wire
    ledger     every yes of the platform, on disk before it counts
    nemesis    the faults
    recovery   how long until a filing reaches its agency again
    quiesce    waiting until nothing is on its way any more
    evidence   what the stores and the agencies hold then
    checker    ledger against evidence: what was lost, what was done twice
    played     a small world without a fault, on which the checker is tried
    report     the tables and the last line
"""

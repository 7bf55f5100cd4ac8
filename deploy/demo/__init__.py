"""`make demo`: real issues are filed and played through a running platform, and its books are checked.

    scripts   what will be played: one script per issue, from the sample set or from a file
    boston    rows of Boston's 311 file as scripts; `boston.json` is the mapping
    calling   the platform's API, asked until it answers
    desks     agencies' programs: those with a queue on AMQP, the others on their list over HTTP
    playing   each issue's story: filed, routed or given by hand, answered, confirmed
    book      what was played, as it was acknowledged
    looking   what the platform shows of it afterwards
    audit     book against what is shown: lost, twice, or not agreeing
    report    what is printed

What is played is sample data, or replayed data of Boston, and says so in every issue. It stays on the platform.
"""

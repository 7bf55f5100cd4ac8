"""`make replay FILE=rows.csv.gz`: a city's own requests through our engine, to compare it with what the city counted.

    rows          the file, and what of it can be compared
    calendars     working time in that city, as calendars of the platform
    allowances    how long each type of request has, learnt from the one half of the days for the other half
    targets       deadlines by those alone, against the city's own
    engine        every request with the city's deadline, filed, finished, closed and timed by the model on a fake clock
    counting      the booklet's numbers of what came out
    report        what is printed

The file has the shape of Boston's 311 file. It stays on a database of its own, which is dropped at the end.
"""

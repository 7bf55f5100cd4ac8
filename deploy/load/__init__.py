"""A great many issues that are there already, as the service itself would have left them, and their rows in the booklet.

    make load N=1000000

`lives` plays a few thousand issues through the real desk and model, as the sample province's residents tell of them;
`past` copies each many times, to other times, places and people; `storing` writes the copies. They are inserted without
outboxes: everything was told long ago. Of confidential issues there are none: what is sealed names its issue's id and
cannot be copied.
"""

"""Registers from files and into files: rows become changes, all of them or none, with a report of every bad row.

`importing` is the whole way of a file, `exporting` the way back. What export writes, import reads back without a change.

    tables      the columns of each register's file, and what of a record they speak of
    asking      rows → changes, each checked by itself: cells, schema, days, against the record as it is
    checking    the changes together: codes that are not there, trees, boundaries, points
    proposing   names that may be other spellings of known ones
    reporting   counts, bad rows, proposals
    jobs        imports that were asked for over HTTP, each a process of its own (`surface` starts them)

No contact data and no name of a person is read or written; a seat's file may name a person by id, its export does not.
"""

"""What the services say to each other, and nothing else is shared between them.

One module per producer (`registry`, `issues`, `agencies`), each event a frozen dataclass with a chosen wire name; its
marshmallow schema is derived (`schema`), its envelope is CloudEvents 1.0 in binary mode (`envelope`). `samples/` holds
one golden message per event: the producer must still write it, every reader must still read it.
"""

"""Finding issues again: lists, searches and work lists, each served by an index."""

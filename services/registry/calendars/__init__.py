"""Calendars: the working time of a place and of all below it that has none of its own.

Seeded for Iran from a package (`seed`), then a secretary's: what a person entered is never taken away by a machine.
"""

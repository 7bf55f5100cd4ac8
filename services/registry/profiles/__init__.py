"""Profiles of neighbourhoods: what is counted there each year, which facilities there are, and how deprived it is by that.

Indicators, weights and facilities are dated as every record is, but nobody is told of them: no other service needs them.
Years are Jalali. What was entered is never changed; a correction is a new entry, and the newest one holds.
"""

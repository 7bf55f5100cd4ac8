"""Seats: what an office is and where, given to a person for a term (`terms`, `use_cases`); how complete a team is (`team`).

Who the person is lies in `people`.
"""

"""`python -m services.registry.accounts ROLE [SUBJECT] [--scopes a,b]`: prints a new API key.

With all scopes of the role unless some are named. It writes into the registry's database itself, where no operator has
signed in yet: who may run it may do everything anyway.
"""
import argparse

from chassis import database
from chassis.settings import stop_with
from contracts.errors import Problem
from services.registry.accounts.giving import GIVEN
from services.registry.accounts.keys import give_key


def main() -> None:
    words = argparse.ArgumentParser("python -m services.registry.accounts", description="Prints a new API key.")
    words.add_argument("role", choices=GIVEN)
    words.add_argument("subject", nargs="?", default="", help="the agency's code, or the territory's")
    words.add_argument("--scopes", help="separated by commas; else all of the role")
    asked = words.parse_args()
    database.connect_or_stop("accounts", "registry")
    try:
        print(give_key(asked.role, asked.subject, asked.scopes.split(",") if asked.scopes else None))
    except Problem as problem:
        stop_with(f"accounts: {problem.en}")


if __name__ == "__main__":
    main()

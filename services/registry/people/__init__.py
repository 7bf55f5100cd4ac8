"""The people who sit in seats: names and training, encrypted at rest; who was shown them; and forgetting a person.

A person is an id to everybody else, events and other services included. Addresses lie in `contacts`, terms in `seats`,
passwords in `accounts`.
"""

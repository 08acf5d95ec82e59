"""Finds conditions of the product that no test guards: `python -m tests.mutation --help`."""

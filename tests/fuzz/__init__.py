"""Fuzzing: a coverage-guided search for inputs from outside that break what Onramp promises about its parsers.

`registry` has one Parser for each kind of input; `python -m tests.fuzz` searches, and docs/development.md explains its use.
"""

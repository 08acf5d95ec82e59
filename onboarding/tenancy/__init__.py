"""The tenant namespace of a team: what it may use (allowance), the objects in it, and the values in its Secrets.

Knows targets, teams and applications; knows no plan, no step and no blocker.
"""

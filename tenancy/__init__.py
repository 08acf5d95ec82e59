"""The tenant namespace of a team: what it may use (allowance), the objects in it, the values in its Secrets, and whether it is
isolated.

Knows targets, teams, applications and the cluster; knows no plan, no step, no run and no blocker.
"""

"""Blockers: the typed causes that stop a step, each with its title, its words and the condition that clears it.

One module per thing that can be in the way (the repository, the tenant namespace, the build, the verification, a
provider); `lifecycle` opens, clears and declines blockers, `tickets` has the words of their tickets. Knows no step and no
plan.
"""

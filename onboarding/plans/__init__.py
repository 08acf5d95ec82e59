"""A plan: everything an onboarding would change, worked out by reading only.

`address` parses what was pasted, `preflight` checks the repository, `snapshot` reads it, `corrections` applies people's
edits, `forecast` predicts blockers, `cluster_objects` asks the cluster, `planning` puts the plan together as `content`.
Changes nothing outside and knows no step.
"""

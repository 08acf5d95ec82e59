"""Durable runs over rows: PostgreSQL decides, a message broker only carries ids.

The engine knows no particular step, no provider, no ticket and no broker. Step kinds, the notifier and change listeners
are registered at start-up. Read in this order: `models`, `outcomes`, `registry`, `runs` (start to end), `sql/` and
`statements` (what decides), `lease` (who may write) and `claims` (who takes what), `context` and `effects` (never twice,
never zero), `completion` and `execution` (one execution of one step), `waking`, `reconciler` and `sweeper` (what keeps runs
going), `interventions` (what people do to a run).
"""

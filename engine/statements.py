"""The statements that decide, in `sql/`: each is one round trip and correct on its own at READ COMMITTED.

All times are the database's. A statement that changes the state of a run's steps locks the row of the run first; a holder
renews its lease and records its effects without it.
"""

from functools import partial

from database import prepared

_load = partial(prepared.load, __package__)

CLAIM = _load("claim")
COMPLETE = _load("complete")
INTEND_EFFECT = _load("intend_effect")
RECORD_EFFECT = _load("record_effect")
WAKE = _load("wake")
OVERDUE = _load("overdue")
RESULTS = _load("results")

HELD_COLUMNS = (
    "id",
    "run_id",
    "name",
    "queue",
    "attempt",
    "failures",
    "failing_since",
    "crashes",
    "epoch",
    "rechecking",
    "reason",
    "since",
    "began_at",
)
"""The columns of a step that CLAIM and COMPLETE return; the others are read on demand. In the order of the model's fields:
`Model.from_db` goes by position."""

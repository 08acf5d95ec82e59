"""The statements that decide, in `sql/`: each is one round trip and correct on its own at READ COMMITTED.

All times are the database's. Locks are taken in one order, so that nobody waits in a circle: the row of the run, its steps
by their keys, their effects. Nobody who holds one run's locks waits for another's, but for the watch over a blocker, which
comes before the runs that it resumes. A holder renews its lease, and notes its intent, with only the lock of its step.
"""

from functools import partial

from database import prepared

_load = partial(prepared.load, __package__)

CLAIM = _load("claim")
LOCK = _load("lock")
COMPLETE = _load("complete")
INTEND_EFFECT = _load("intend_effect")
RECORD_EFFECT = _load("record_effect")
REFUSE_EFFECT = _load("refuse_effect")
WAKE = _load("wake")
WAKE_STEP = _load("wake_step")
OVERDUE = _load("overdue")
RESULTS = _load("results")
STRANDED = _load("stranded")

HELD_COLUMNS = (
    "id",
    "run_id",
    "name",
    "queue",
    "share",
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

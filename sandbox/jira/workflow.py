"""The statuses, transitions, resolutions and issue types of every project, with JIRA's ids."""

from typing import NamedTuple

from sandbox.jira.models import Issue

CATEGORIES = {
    "new": {"id": 2, "key": "new", "colorName": "default", "name": "To Do"},
    "indeterminate": {"id": 4, "key": "indeterminate", "colorName": "inprogress", "name": "In Progress"},
    "done": {"id": 3, "key": "done", "colorName": "success", "name": "Done"},
}
STATUSES = {
    Issue.Status.TO_DO: ("10000", "new"),
    Issue.Status.IN_PROGRESS: ("3", "indeterminate"),
    Issue.Status.DONE: ("10001", "done"),
}
"""Status → its id and category."""

CATEGORY_NAMES = {
    str(status): (category, str(CATEGORIES[category]["name"])) for status, (_, category) in STATUSES.items()
}
"""Status → the key and the name of its category."""


class Transition(NamedTuple):
    name: str
    target: Issue.Status
    resolution: str
    """The resolution that the transition sets unless the caller names another."""


TRANSITIONS = {
    "11": Transition("To Do", Issue.Status.TO_DO, ""),
    "21": Transition("In Progress", Issue.Status.IN_PROGRESS, ""),
    "31": Transition("Done", Issue.Status.DONE, "Done"),
    "41": Transition("Won't Do", Issue.Status.DONE, "Won't Do"),
}
"""By id. Every transition is open at any time, as in JIRA's simplified workflow."""

RESOLUTIONS = {"Done": "10000", "Won't Do": "10001", "Duplicate": "10002", "Cannot Reproduce": "10003"}
TYPES = {"Task": "10002", "Bug": "10004", "Story": "10001"}

"""Names and numbers of JIRA's own lists: statuses with their categories, transitions, resolutions, issue types."""

from sandbox.jira.models import Issue

FIRST_ID = 10_000

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
CATEGORY_OF_STATUS = {
    str(status): (category, str(CATEGORIES[category]["name"])) for status, (_, category) in STATUSES.items()
}
TRANSITIONS = {
    "11": ("To Do", Issue.Status.TO_DO, ""),
    "21": ("In Progress", Issue.Status.IN_PROGRESS, ""),
    "31": ("Done", Issue.Status.DONE, "Done"),
    "41": ("Won't Do", Issue.Status.DONE, "Won't Do"),
}
"""Number → name, the status it leads to, and the resolution it sets unless the caller names another."""

RESOLUTIONS = {"Done": "10000", "Won't Do": "10001", "Duplicate": "10002", "Cannot Reproduce": "10003"}
TYPES = {"Task": "10002", "Bug": "10004", "Story": "10001"}


def issue_id(issue: Issue) -> str:
    return str(FIRST_ID + issue.id)

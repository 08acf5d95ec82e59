"""Starts the workflows that a push or a pull request triggers."""

from collections.abc import Iterator

from sandbox.github.git import objects
from sandbox.github.models import Pull, Repository, Workflow
from sandbox.github.payloads import pulls as pull_payloads
from sandbox.github.workflows import runs, syntax
from sandbox.github.workflows.document import WorkflowError
from sandbox.github.workflows.patterns import matches
from sandbox.github.workflows.runs import Trigger
from sandbox.github.workflows.schema import Filters

FOLDER = ".github/workflows"
SKIPPING = ("[skip ci]", "[ci skip]", "[no ci]", "[skip actions]", "[actions skip]")
"""In a commit's message. https://docs.github.com/actions/how-tos/manage-workflow-runs/skip-workflow-runs"""


def push(repository: Repository, branch: str, before: str, after: str, by: str) -> None:
    """Start the workflows for a push to a branch. An invalid file becomes a failed run with the reason."""
    payload = {"ref": f"refs/heads/{branch}", "before": before, "after": after}
    _start_matching(Trigger(repository, "push", branch, after, by, payload), branch)


def pull_request(pull: Pull, action: str, by: str) -> None:
    """Start the workflows for a pull request that was opened or changed, at its head."""
    payload = {"action": action, "number": pull.number, "pull_request": pull_payloads.simple(pull)}
    trigger = Trigger(pull.repository, "pull_request", pull.head, pull.head_sha, by, payload, pull)
    _start_matching(trigger, pull.base)


def _start_matching(trigger: Trigger, branch: str) -> None:
    """`branch` is the one that the branch filters of the files apply to."""
    message = objects.commit(trigger.repository.path, trigger.sha).message
    if not trigger.repository.actions_enabled or any(word in message for word in SKIPPING):
        return
    for path, text in _workflow_files(trigger.repository, trigger.sha):
        try:
            workflow = syntax.parse(path, text)
        except WorkflowError as error:
            if trigger.event == "push":  # for a pull request, the push of its head has reported the error
                runs.fail_invalid(trigger, path, error)
            continue
        if Workflow.objects.filter(repository=trigger.repository, path=path).exclude(state="active").exists():
            continue
        filters = workflow.on.get(trigger.event)  # type: ignore[call-overload]  # `on` has keys of a Literal type
        if filters and _passes(trigger, filters, branch):
            runs.start(trigger, workflow)


def _passes(trigger: Trigger, filters: Filters, branch: str) -> bool:
    """Path filters are accepted but ignored: such a workflow runs more often than at GitHub, never less."""
    if trigger.event == "pull_request" and trigger.payload["action"] not in filters.types:
        return False
    if filters.branches is not None:
        return matches(filters.branches, branch)
    if filters.branches_ignore is not None:
        return not matches(filters.branches_ignore, branch)
    return filters.tags is None


def _workflow_files(repository: Repository, sha: str) -> Iterator[tuple[str, str]]:
    for entry in objects.entries(repository.path, sha, below=f"{FOLDER}/"):
        if entry.type == "blob" and entry.path.endswith((".yml", ".yaml")):
            yield entry.path, objects.blob(repository.path, entry.sha).decode(errors="replace")

"""The `github` context of a run, and the environment variables of its steps.

https://docs.github.com/actions/reference/accessing-contextual-information-about-workflow-runs
"""

from typing import Any

from sandbox.github.formats import API, WEB
from sandbox.github.models import WorkflowRun
from sandbox.github.payloads import people, repositories


def github_context(run: WorkflowRun) -> dict[str, Any]:
    """The `github` context of a run. A job adds `job`, `token` and `workspace`."""
    repository = run.repository
    ref = f"refs/pull/{run.pull.number}/merge" if run.pull else f"refs/heads/{run.head_branch}"
    account = people.simple(run.actor)
    return {
        "actor": run.actor,
        "actor_id": str(account["id"]),
        "api_url": API,
        "base_ref": run.pull.base if run.pull else "",
        "event": run.payload | {"repository": repositories.simple(repository), "sender": account},
        "event_name": run.event,
        "head_ref": run.head_branch if run.pull else "",
        "ref": ref,
        "ref_name": f"{run.pull.number}/merge" if run.pull else run.head_branch,
        "ref_type": "branch",
        "repository": repository.full_name,
        "repository_id": str(repository.pk),
        "repository_owner": repository.owner,
        "repository_owner_id": str(people.simple(repository.owner)["id"]),
        "run_id": str(run.pk),
        "run_number": str(run.number),
        "run_attempt": str(run.attempt),
        "server_url": WEB,
        "sha": run.head_sha,
        "triggering_actor": run.actor,
        "workflow": run.workflow.name,
        "workflow_ref": f"{repository.full_name}/{run.workflow.path}@{ref}",
    }


def variables(context: dict[str, Any]) -> dict[str, str]:
    """The GITHUB_* variables of a context."""
    strings = {name: value for name, value in context.items() if isinstance(value, str) and name != "token"}
    return {"CI": "true", "GITHUB_ACTIONS": "true"} | {f"GITHUB_{name.upper()}": text for name, text in strings.items()}

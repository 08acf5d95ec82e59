"""Check runs of a commit."""

from typing import Any

from django.utils import timezone

from sandbox.github import checks
from sandbox.github.api.call import Call, Response
from sandbox.github.api.pagination import paginated
from sandbox.github.errors import ApiError, invalid, required
from sandbox.github.formats import repository_api
from sandbox.github.git import objects, refs
from sandbox.github.models import CheckRun, Job
from sandbox.github.payloads import repositories
from sandbox.github.payloads import runs as payloads

STATUSES = ("queued", "in_progress", "completed")
CONCLUSIONS = ("action_required", "cancelled", "failure", "neutral", "success", "skipped", "stale", "timed_out")


def check_runs(call: Call, ref: str) -> Response:
    sha = required(refs.resolve(call.repository.path, ref), ApiError(422, f"No commit found for SHA: {ref}"))
    name = call.request.GET.get("check_name")
    rows = [run for run in checks.latest(call.repository, sha)[::-1] if name is None or run.name == name]
    return paginated(call, rows, payloads.check_run, key="check_runs")


def combined_status(call: Call, ref: str) -> Any:
    """Commit statuses, the older kind of checks. Nothing in the sandbox creates one."""
    sha = required(refs.resolve(call.repository.path, ref), ApiError(422, f"No commit found for SHA: {ref}"))
    url = repository_api(call.repository, "commits", sha)
    return {
        "state": "pending",
        "statuses": [],
        "sha": sha,
        "total_count": 0,
        "repository": repositories.simple(call.repository),
        "commit_url": url,
        "url": f"{url}/status",
    }


def _check_run(call: Call, number: int) -> CheckRun:
    return required(call.repository.check_runs.filter(pk=number).select_related("repository").first())


def check_run(call: Call, number: int) -> Any:
    return payloads.check_run(_check_run(call, number))


def create_check_run(call: Call) -> Response:
    call.require("write")
    sha = call.field("head_sha")
    if objects.type_of(call.repository.path, sha) != "commit":
        raise ApiError(422, f"No commit found for SHA: {sha}")
    check = CheckRun(repository=call.repository, name=call.field("name"), head_sha=sha)
    _save_fields(call, check)
    return Response(payloads.check_run(check), 201)


def change_check_run(call: Call, number: int) -> Any:
    call.require("write")
    check = _check_run(call, number)
    if Job.objects.filter(pk=check.pk).exists():
        raise ApiError(403, "Resource not accessible: the check run belongs to GitHub Actions")
    _save_fields(call, check)
    return payloads.check_run(check)


def _save_fields(call: Call, check: CheckRun) -> None:
    conclusion = call.field("conclusion", str, check.conclusion)
    status = call.field("status", str, "completed" if conclusion else check.status)
    if status not in STATUSES or (status == "completed") != (conclusion in CONCLUSIONS):
        raise invalid("CheckRun", "status", "invalid")
    check.status, check.conclusion = status, conclusion
    check.started_at = check.started_at or timezone.now()
    check.completed_at = timezone.now() if status == "completed" else None
    check.details_url = call.field("details_url", str, check.details_url)
    check.save()

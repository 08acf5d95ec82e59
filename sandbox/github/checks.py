"""The combined result of a commit's checks."""

from sandbox.github.models import CheckRun, Repository

PASSING = ("success", "neutral", "skipped")


def latest(repository: Repository, sha: str) -> list[CheckRun]:
    """The latest check run of each name on this commit."""
    runs = CheckRun.objects.filter(repository=repository, head_sha=sha).select_related("repository").order_by("pk")
    return list({(run.name, getattr(getattr(run, "job", None), "run_id", None)): run for run in runs}.values())


def passed(repository: Repository, sha: str) -> set[str]:
    """The names whose check runs have all passed."""
    runs = latest(repository, sha)
    not_passed = {run.name for run in runs if run.conclusion not in PASSING}
    return {run.name for run in runs} - not_passed


def state(repository: Repository, sha: str) -> str:
    """`success`, `failure`, `pending`, or `none` for a commit without checks."""
    runs = latest(repository, sha)
    if any(run.status == "completed" and run.conclusion not in PASSING for run in runs):
        return "failure"
    if any(run.status != "completed" for run in runs):
        return "pending"
    return "success" if runs else "none"

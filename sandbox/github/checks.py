"""The checks of a commit, taken together."""

from sandbox.github.models import CheckRun, Repository

GOOD = ("success", "neutral", "skipped")


def of(repository: Repository, sha: str) -> list[CheckRun]:
    """The latest check run of every name on this commit."""
    found = CheckRun.objects.filter(repository=repository, head_sha=sha).select_related("repository").order_by("pk")
    return list({(one.name, getattr(getattr(one, "job", None), "run_id", None)): one for one in found}.values())


def passed(repository: Repository, sha: str) -> set[str]:
    """The names of the checks that are through and good, none of the same name being otherwise."""
    runs = of(repository, sha)
    bad = {one.name for one in runs if one.conclusion not in GOOD}
    return {one.name for one in runs} - bad


def state(repository: Repository, sha: str) -> str:
    """`success`, `failure`, `pending`, or `none` where nothing checks this commit."""
    runs = of(repository, sha)
    if any(one.status == "completed" and one.conclusion not in GOOD for one in runs):
        return "failure"
    if any(one.status != "completed" for one in runs):
        return "pending"
    return "success" if runs else "none"

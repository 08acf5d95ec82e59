"""What the rules of a branch still require of a pull request, from rulesets and from classic branch protection.

https://docs.github.com/en/rest/repos/rules, https://docs.github.com/en/rest/branches/branch-protection
"""

from urllib.parse import quote

from integrations.errors import Denied, Missing
from integrations.github_client import GitHubClient
from integrations.source import Pull
from integrations.source import github_answers as answers

MOST_CHECKS = 20
"""Required checks that are looked at; each costs a request, and a repository may require hundreds."""
MOST_NAMED = 6
LONGEST = 200
PASSED = ("success", "neutral", "skipped")


def unmet(client: GitHubClient, full_name: str, pull: Pull) -> list[str]:
    """Each in a few words, the reviews first."""
    reviews, checks = _required(client, full_name, pull.base)
    words = [
        *_missing_reviews(client, full_name, pull, reviews),
        *_missing_checks(client, full_name, pull, checks[:MOST_CHECKS]),
        *(
            [f"{len(checks) - MOST_CHECKS} more required checks were not looked at"]
            if len(checks) > MOST_CHECKS
            else []
        ),
    ]
    more = len(words) - MOST_NAMED
    return [*(each[:LONGEST] for each in words[:MOST_NAMED]), *([f"and {more} more"] if more > 0 else [])]


def _required(client: GitHubClient, full_name: str, branch: str) -> tuple[int, list[str]]:
    """(how many approving reviews, the names of the checks)."""
    rules = client.pages(answers.Rule, f"/repos/{full_name}/rules/branches/{quote(branch)}")
    parameters = [rule.parameters for rule in rules if rule.parameters]
    reviews = [each.required_approving_review_count for each in parameters]
    checks = {check.context for each in parameters for check in each.required_status_checks}
    path = f"/repos/{full_name}/branches/{quote(branch)}"
    protection = client.get(answers.ProtectedBranch, path).protection
    if protection is not None and protection.required_status_checks is not None:
        checks |= {*protection.required_status_checks.contexts}
    try:
        classic = client.get(answers.RequiredReviews, f"{path}/protection/required_pull_request_reviews")
        reviews.append(classic.required_approving_review_count)
    except (Missing, Denied):  # there is none, or only administrators see it
        reviews.append(0)
    return max(reviews), sorted(checks)


def _missing_reviews(client: GitHubClient, full_name: str, pull: Pull, required: int) -> list[str]:
    latest: dict[int, answers.Review] = {}
    for review in client.pages(answers.Review, f"/repos/{full_name}/pulls/{pull.number}/reviews"):
        if review.user is not None and review.state in ("APPROVED", "CHANGES_REQUESTED", "DISMISSED"):
            latest[review.user.id] = review
    words = [
        f"{review.user.login} requests changes"
        for review in latest.values()
        if review.user is not None and review.state == "CHANGES_REQUESTED"
    ]
    approved = sum(review.state == "APPROVED" for review in latest.values())
    if approved < required:
        noun = "approving review" if required == 1 else "approving reviews"
        words.append(f"it needs {required} {noun} and has {approved or 'none'}")
    return words


def _missing_checks(client: GitHubClient, full_name: str, pull: Pull, required: list[str]) -> list[str]:
    if not required:
        return []
    commit = f"/repos/{full_name}/commits/{pull.head}"
    statuses = client.get(answers.CombinedStatus, f"{commit}/status", per_page=100).statuses
    states = {status.context: status.state for status in statuses}
    words = []
    for name in required:
        runs = client.get(answers.CheckRuns, f"{commit}/check-runs", check_name=name, per_page=1).check_runs
        state = runs[0].conclusion or "pending" if runs else states.get(name, "")
        if not state:
            words.append(f"the required check {name} has not reported")
        elif state == "pending":
            words.append(f"the required check {name} is running")
        elif state not in PASSED:
            words.append(f"the required check {name} did not pass ({state.replace('_', ' ')})")
    return words

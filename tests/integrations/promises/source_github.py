"""https://docs.github.com/en/rest"""

from datetime import UTC, datetime
from typing import Any

from integrations.source import Folder, Head, NewFile, RepositoryFacts, Source, SourceTeam
from tests.integrations.answering import Answer
from tests.integrations.promises import Case, Row

SHA = "0123456789abcdef0123456789abcdef01234567"
REPOSITORY = {
    "id": 1296269,
    "owner": {"id": 1000, "login": "acme"},
    "full_name": "acme/greeter",
    "html_url": "https://github.com/acme/greeter",
    "default_branch": "main",
    "private": True,
    "archived": False,
    "permissions": {"admin": False, "push": True, "pull": True},
}
FACTS = RepositoryFacts(
    id="1296269",
    owner_id="1000",
    full_name="acme/greeter",
    url="https://github.com/acme/greeter",
    default_branch="main",
    private=True,
    archived=False,
    writable=True,
)
TEAM_REPOSITORIES = [
    {"full_name": "acme/a", "permissions": {"admin": False, "push": True, "pull": True}},
    {"full_name": "acme/read-only", "permissions": {"admin": False, "push": False, "pull": True}},
]
TEAM = {"id": 42, "slug": "web", "name": "Web"}
MEMBER = {"id": 4, "login": "dana"}
HOOK = {"type": "Repository", "id": 7, "name": "web", "active": True, "config": {"url": "https://onramp.example/"}}
PULL = {
    "number": 1,
    "html_url": "https://github.com/acme/greeter/pull/1",
    "state": "open",
    "merged_at": None,
    "merge_commit_sha": None,
    "head": {"sha": SHA, "ref": "onramp"},
    "base": {"sha": SHA, "ref": "main", "repo": REPOSITORY},
    "body": None,
}
MANY_CHECKS = {
    "type": "required_status_checks",
    "parameters": {"required_status_checks": [{"context": f"c{number:03}"} for number in range(300)]},
}
PULLS = "GET /repos/acme/greeter/pulls"


def refused(message: str, status: int, *errors: dict[str, str], **headers: str) -> Answer:
    body: dict[str, Any] = {
        "message": message,
        "documentation_url": "https://docs.github.com/rest",
        "status": str(status),
    }
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(body | ({"errors": list(errors)} if errors else {}), status, named)


def commit(source: Source) -> str:
    files = [NewFile("onramp.yaml", "a: 1\n")]
    return source.commit(
        "acme/greeter", Head(SHA, SHA, protected=False), files, "Add", datetime(2026, 1, 1, tzinfo=UTC)
    )


REPO = "GET /repos/acme/greeter"
UNMET = {
    f"{REPO}/pulls/1/reviews": Answer(
        [{"user": MEMBER, "state": "CHANGES_REQUESTED"}, {"user": None, "state": "APPROVED"}]
    ),
    f"{REPO}/pulls/1": Answer(PULL),
    f"{REPO}/rules/branches/main": Answer(
        [
            {"type": "deletion"},
            {"type": "pull_request", "parameters": {"required_approving_review_count": 2}},
            {
                "type": "required_status_checks",
                "parameters": {"required_status_checks": [{"context": "security/scan"}]},
            },
        ]
    ),
    f"{REPO}/branches/main/protection": refused("Not Found", 404),
    f"{REPO}/branches/main": Answer(
        {"protection": {"enabled": True, "required_status_checks": {"contexts": ["test", "lint"]}}}
    ),
    f"{REPO}/commits/{SHA}/status": Answer({"statuses": []}),
    f"{REPO}/commits/{SHA}/check-runs?check_name=test": Answer(
        {"check_runs": [{"name": "test", "status": "in_progress", "conclusion": None}]}
    ),
    f"{REPO}/commits/{SHA}/check-runs?check_name=lint": Answer(
        {"check_runs": [{"name": "lint", "status": "completed", "conclusion": "timed_out"}]}
    ),
    f"{REPO}/commits/{SHA}/check-runs": Answer({"check_runs": []}),
}
NOT_FOUND = refused("Not Found", 404)
CORE = {"limit": 5000, "used": 1, "remaining": 4999, "reset": 1767225630}
ROW: Row[Source] = Row(
    options=lambda url: {"api_url": url, "web_url": url, "spacing": "0"},
    ready=Answer({"resources": {"core": CORE}, "rate": CORE}),
    denied=(refused("Bad credentials", 401), refused("Requires authentication", 401)),
    rate_limited=refused(
        "API rate limit exceeded for user ID 1.",
        403,
        Date="Thu, 01 Jan 2026 00:00:00 GMT",
        x_ratelimit_remaining="0",
        x_ratelimit_reset="1767225630",
    ),
    retry_after=30,
    reads=(
        Case(lambda source: source.repository("acme/greeter"), Answer(REPOSITORY), FACTS),
        Case(lambda source: source.repository_by_id("1296269"), Answer(REPOSITORY), FACTS),
        Case(lambda source: source.contains("acme/greeter", "main", SHA), Answer({"status": "ahead"}), True),
        Case(lambda source: source.contains("acme/greeter", "main", SHA), Answer({"status": "diverged"}), False),
        Case(
            lambda source: source.contains("acme/greeter", "main", SHA),
            {f"{REPO}/compare": refused("No common ancestor", 404), REPO: Answer(REPOSITORY)},
            False,
        ),
        Case(
            lambda source: source.unmet("acme/greeter", source.pull("acme/greeter", 1)),
            UNMET | {f"{REPO}/rules/branches/main": Answer([MANY_CHECKS])},
            [
                "dana requests changes",
                *(f"the required check c{number:03} has not reported" for number in range(5)),
                "and 16 more",
            ],
        ),
        Case(
            lambda source: source.unmet("acme/greeter", source.pull("acme/greeter", 1)),
            UNMET,
            [
                "dana requests changes",
                "it needs 2 approving reviews and has none",
                "the required check lint did not pass (timed out)",
                "the required check security/scan has not reported",
                "the required check test is running",
            ],
        ),
        Case(
            lambda source: source.folder("acme/greeter", SHA),
            Answer(
                {
                    "sha": SHA,
                    "truncated": False,
                    "tree": [{"path": "src", "type": "tree", "mode": "040000", "sha": SHA}],
                }
            ),
            Folder((), {"src": SHA}),
        ),
        Case(
            lambda source: source.blob("acme/greeter", SHA),
            Answer({"sha": SHA, "size": 5, "encoding": "base64", "content": "aGVsbG8=\n"}),
            b"hello",
        ),
        Case(lambda source: source.is_empty("acme/greeter"), Answer([{"name": "main"}]), False),
        Case(lambda source: source.pull_of("acme/greeter", "onramp"), Answer([]), None),
        Case(lambda source: source.hook("acme/greeter", "https://onramp.example/"), Answer([HOOK]), "7"),
        Case(lambda source: source.team_repositories("acme", "web"), Answer(TEAM_REPOSITORIES), ["acme/a"]),
        Case(
            lambda source: source.teams("acme"),
            {"GET /orgs/acme/teams/web/members": Answer([MEMBER]), "GET /orgs/acme/teams": Answer([TEAM])},
            [SourceTeam("42", "web", "Web", {"dana": "4"})],
        ),
        Case(
            lambda source: source.writing_teams("acme/greeter"),
            Answer([TEAM | {"permission": "push"}, TEAM | {"id": 43, "permission": "pull"}]),
            [SourceTeam("42", "web", "Web")],
        ),
    ),
    change=Case(lambda source: source.create_hook("acme/greeter", "https://onramp.example/"), Answer(HOOK, 201), "7"),
    missing=(
        Case(lambda source: source.permission("acme/greeter", "nobody"), NOT_FOUND, "none"),
        Case(lambda source: source.branch_commit("acme/greeter", "nowhere"), NOT_FOUND, None),
        Case(lambda source: source.pull_of("acme/greeter", "nowhere"), {PULLS: Answer([])}, None),
    ),
    raises_missing=(
        Case(lambda source: source.repository("acme/nowhere"), NOT_FOUND),
        Case(lambda source: source.head("acme/greeter", "nowhere"), refused("Branch not found", 404)),
        Case(commit, NOT_FOUND),
    ),
    conflict=(
        Case(lambda source: source.branch("acme/greeter", "onramp", SHA), refused("Reference already exists", 422)),
        Case(
            lambda source: source.open_pull("acme/greeter", "onramp", "main", "Title", "Body"),
            refused(
                "Validation Failed",
                422,
                {
                    "resource": "PullRequest",
                    "code": "custom",
                    "message": "A pull request already exists for acme:onramp.",
                },
            ),
        ),
        Case(
            lambda source: source.update_branch("acme/greeter", 1, SHA),
            refused("expected head sha didn’t match current head ref.", 422),
        ),
    ),
    repeated=(
        Case(lambda source: source.delete_hook("acme/greeter", "7"), NOT_FOUND),
        Case(lambda source: source.delete_branch("acme/greeter", "onramp"), refused("Reference does not exist", 422)),
        Case(lambda source: source.close_pull("acme/greeter", 1, "Closed"), Answer(PULL | {"state": "closed"})),
    ),
)

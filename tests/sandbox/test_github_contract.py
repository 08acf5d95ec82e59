"""The sandbox's GitHub, driven by PyGithub, conforms to GitHub's published API description."""

import base64
import hashlib
import hmac
import json
import time
import uuid
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import pytest
import requests
from github import Auth, Github, GithubException, InputGitTreeElement
from github.GithubObject import NotSet
from github.Repository import Repository

from tests import contract
from tests.contract import ContractBroken, Exchange
from tests.sandbox.process import Sandbox
from tests.sandbox.receiver import Received, receiving

WORKFLOW = """\
name: build
on: [push, pull_request]
jobs:
  test:
    runs-on: ubuntu-latest
    steps:
      - run: echo hello
  later:
    needs: test
    if: ${{ false }}
    runs-on: ubuntu-latest
    steps: [{run: 'false'}]
"""


Value = TypeVar("Value")


def until(condition: Callable[[], Value | None], seconds: float = 30.0) -> Value:
    """The first value that is not None. Raises AssertionError when there is none in time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        value = condition()
        if value is not None:
            return value
        time.sleep(0.1)
    raise AssertionError(f"the condition was not met within {seconds:g} seconds")


def token(login: str) -> str:
    return "sandbox-onramp-token" if login == "onramp-bot" else f"sandbox-{login}-token"


def client(sandbox: Sandbox, login: str = "alice") -> Github:
    return Github(
        base_url=f"{sandbox.url}/github/api/v3",
        auth=Auth.Token(token(login)),
        retry=None,
        seconds_between_requests=None,
        seconds_between_writes=None,
    )


@pytest.fixture
def exchanges() -> Iterator[list[Exchange]]:
    with contract.recording() as recorded:
        yield recorded


@pytest.fixture
def repository(sandbox: Sandbox) -> Repository:
    """A new repository for the test, with one commit."""
    return create_repository(sandbox)


def create_repository(sandbox: Sandbox, login: str = "alice", **options: Any) -> Repository:
    body = {"name": f"c-{uuid.uuid4().hex[:10]}", "auto_init": True, **options}
    created = request_json("POST", f"{sandbox.url}/github/api/v3/orgs/acme/repos", body, login)
    return client(sandbox, login).get_repo(str(created["full_name"]))


def create_branch(repository: Repository, name: str, files: dict[str, str | None]) -> str:
    """Create a branch with one more commit. A file of None is deleted. Returns the commit's SHA."""
    head = repository.get_branch("main").commit.sha
    elements = [
        InputGitTreeElement(path, "100644", "blob", content=NotSet if text is None else text, sha=None)
        if text is None
        else InputGitTreeElement(path, "100644", "blob", content=text)
        for path, text in files.items()
    ]
    tree = repository.create_git_tree(elements, repository.get_git_tree(head))
    commit = repository.create_git_commit("A change", tree, [repository.get_git_commit(head)])
    repository.create_git_ref(f"refs/heads/{name}", commit.sha)
    return commit.sha


def request_json(method: str, url: str, body: dict[str, Any] | None = None, login: str = "onramp-bot") -> Any:
    """A request without PyGithub, where PyGithub makes extra requests or sends an undocumented body."""
    headers = {"Authorization": f"token {token(login)}"}
    response = requests.request(method, url, json=body, headers=headers, timeout=10)
    response.raise_for_status()
    return response.json()


def expect_error(status: int, call: Callable[[], Any]) -> dict[str, Any]:
    """The body of the error response that the call receives."""
    with pytest.raises(GithubException) as caught:
        call()
    assert caught.value.status == status
    return dict(caught.value.data)


def test_people_and_teams_are_listed(sandbox: Sandbox, exchanges: list[Exchange]) -> None:
    github = client(sandbox)
    assert github.get_user().login == "alice"
    api = f"{sandbox.url}/github/api/v3/orgs/acme/teams"
    assert {team["slug"] for team in request_json("GET", api)} >= {"storefront", "payments"}
    assert {member["login"] for member in request_json("GET", f"{api}/storefront/members")} == {"alice", "bob"}
    visible = {login: request_json("GET", f"{api}/payments/repos", login=login) for login in ("alice", "charlie")}
    assert "acme/vault" in {repository["full_name"] for repository in visible["charlie"]}
    assert "acme/vault" not in {repository["full_name"] for repository in visible["alice"]}
    assert github.get_rate_limit().rate.limit == 5000
    contract.check(exchanges)


def test_a_repository_can_be_read(sandbox: Sandbox, exchanges: list[Exchange]) -> None:
    repository = client(sandbox).get_repo("acme/shop")
    assert repository.permissions.push
    assert not repository.permissions.admin
    assert repository.get_collaborator_permission("charlie") == "read"
    assert [team.slug for team in repository.get_teams()] == ["storefront"]
    head = repository.get_branch("main").commit.sha
    tree = repository.get_git_tree(head, recursive=True)
    entries = {entry.path: entry for entry in tree.tree}
    blob = repository.get_git_blob(entries["web/server.js"].sha)
    file = repository.get_contents("web/server.js")
    assert not isinstance(file, list)
    assert base64.b64decode(blob.content) == file.decoded_content
    assert repository.get_git_ref("heads/main").object.sha == head
    contract.check(exchanges)


def test_a_pull_request_is_opened_reviewed_and_merged(
    sandbox: Sandbox, exchanges: list[Exchange], repository: Repository
) -> None:
    create_branch(repository, "onramp/change", {"a/b.txt": "hello\n", "README.md": None})
    pull = repository.create_pull("main", "onramp/change", title="A change", body="Why")
    assert [match.number for match in repository.get_pulls(state="all", head="acme:onramp/change")] == [pull.number]
    client(sandbox, "bob").get_repo(repository.full_name).get_pull(pull.number).create_review(event="APPROVE")
    assert [review.state for review in pull.get_reviews()] == ["APPROVED"]
    pull.edit(title="Another change")
    assert [commit.commit.message for commit in pull.get_commits()] == ["A change"]
    assert (pull.additions, pull.deletions, pull.changed_files) == (1, 3, 2)
    assert pull.merge().merged
    assert repository.get_pull(pull.number).merged
    contract.check(exchanges)


def test_invalid_requests_are_refused(sandbox: Sandbox, exchanges: list[Exchange], repository: Repository) -> None:
    sha = create_branch(repository, "again", {"x": "1"})
    repository.create_pull("main", "again", title="One", body="")
    error = expect_error(422, lambda: repository.create_pull("main", "again", title="Two", body=""))
    assert error["errors"][0]["message"] == "A pull request already exists for acme:again."
    error = expect_error(422, lambda: repository.create_git_ref("refs/heads/again", sha))
    assert error["message"].startswith("Reference al")
    expect_error(422, lambda: repository.create_pull("main", "nowhere", title="Three", body=""))
    expect_error(404, lambda: client(sandbox).get_repo("acme/vault"))
    expect_error(404, lambda: repository.get_contents("nothing"))
    museum = client(sandbox).get_repo("acme/museum")
    error = expect_error(403, lambda: museum.create_git_ref("refs/heads/x", museum.get_branch("main").commit.sha))
    assert error["message"] == "Repository was archived so is read-only."
    expect_error(
        403, lambda: client(sandbox, "charlie").get_repo(repository.full_name).create_git_ref("refs/heads/c", sha)
    )
    contract.check(exchanges)


def test_an_empty_repository_has_no_content(sandbox: Sandbox, exchanges: list[Exchange]) -> None:
    empty = create_repository(sandbox, auto_init=False)
    assert empty.size == 0
    assert expect_error(409, lambda: empty.get_git_tree("main"))["message"] == "Git Repository is empty."
    assert expect_error(404, lambda: empty.get_contents("README.md"))["message"] == "This repository is empty."
    expect_error(404, lambda: empty.get_branch("main"))
    contract.check(exchanges)


def test_bad_credentials_are_refused(sandbox: Sandbox) -> None:
    response = requests.get(f"{sandbox.url}/github/api/v3/user", headers={"Authorization": "token wrong"}, timeout=10)
    assert response.status_code == 401
    contract.validate("GET", "/user", None, 401, response.json())


def test_a_protected_branch_requires_a_review(
    sandbox: Sandbox, exchanges: list[Exchange], repository: Repository
) -> None:
    rule = {
        "required_status_checks": None,
        "enforce_admins": True,
        "required_pull_request_reviews": {"required_approving_review_count": 1},
        "restrictions": None,
    }
    request_json("PUT", f"{repository.url}/branches/main/protection", rule)
    rules = request_json("GET", f"{repository.url}/rules/branches/main")
    assert [rule["type"] for rule in rules] == ["pull_request"]
    sha = create_branch(repository, "wants-review", {"x": "1"})
    expect_error(422, lambda: repository.get_git_ref("heads/main").edit(sha))
    pull = repository.create_pull("main", "wants-review", title="One", body="")
    assert expect_error(405, pull.merge)["message"].startswith("At least 1 approving review")
    assert pull.mergeable_state == "blocked"
    client(sandbox, "bob").get_repo(repository.full_name).get_pull(pull.number).create_review(event="APPROVE")
    assert pull.merge().merged
    contract.check(exchanges)


def test_a_push_creates_runs_jobs_and_checks(
    sandbox: Sandbox, exchanges: list[Exchange], repository: Repository
) -> None:
    sha = create_branch(repository, "with-ci", {".github/workflows/build.yml": WORKFLOW})
    run = until(lambda: next((run for run in repository.get_workflow_runs(head_sha=sha) if run.conclusion), None))
    assert run.conclusion == "success"
    jobs = {job.name: job for job in run.jobs()}
    assert jobs["test"].conclusion == "success"
    assert jobs["later"].conclusion == "skipped"
    checks = request_json("GET", f"{repository.url}/commits/{sha}/check-runs")["check_runs"]
    assert {check["name"] for check in checks} == {"test", "later"}
    log = requests.get(f"{jobs['test'].url}/logs", headers={"Authorization": "token sandbox-alice-token"}, timeout=10)
    assert "hello" in log.text
    created = repository.create_check_run("ours", sha, status="completed", conclusion="success")
    assert repository.get_check_run(created.id).conclusion == "success"
    run.rerun()
    second = until(lambda: attempt if (attempt := repository.get_workflow_run(run.id)).conclusion else None)
    assert second.run_attempt == 2
    contract.check(exchanges)


def event_name(webhook: Received) -> str:
    return webhook.headers["x-github-event"]


def count(received: list[Received], event: str, action: str) -> int:
    return sum(
        event_name(webhook) == event and json.loads(webhook.body).get("action") == action for webhook in received
    )


def test_webhooks_conform_to_githubs_description(
    sandbox: Sandbox, exchanges: list[Exchange], repository: Repository
) -> None:
    as_bot = client(sandbox, "onramp-bot").get_repo(repository.full_name)
    with receiving() as receiver:
        config = {"url": receiver.url, "content_type": "json", "secret": "s3"}
        hook = as_bot.create_hook("web", config, ["*"])
        create_branch(repository, "hooked", {".github/workflows/build.yml": WORKFLOW})
        pull = repository.create_pull("main", "hooked", title="One", body="")
        as_bob = client(sandbox, "bob").get_repo(repository.full_name).get_pull(pull.number)
        as_bob.create_review(body="Fine", event="COMMENT")
        until(lambda: count(receiver.received, "workflow_run", "completed") >= 2 or None)
        pull.merge()
        until(lambda: count(receiver.received, "pull_request", "closed") or None)
        received = list(receiver.received)
    for webhook in received:
        contract.validate_webhook(event_name(webhook), json.loads(webhook.body))
        expected = hmac.new(b"s3", webhook.body, hashlib.sha256).hexdigest()
        assert webhook.headers["x-hub-signature-256"] == f"sha256={expected}"
        assert uuid.UUID(webhook.headers["x-github-delivery"])
    assert {event_name(webhook) for webhook in received} >= {
        "ping", "push", "pull_request", "pull_request_review", "workflow_run",
    }  # fmt: skip
    deliveries = list(as_bot.get_hook_deliveries(hook.id))
    assert 202 in {delivery.status_code for delivery in deliveries}
    request = as_bot.get_hook_delivery(hook.id, deliveries[0].id or 0).request
    assert request is not None
    assert request.payload
    contract.check(exchanges)


def test_the_validator_rejects_what_github_does_not_describe(sandbox: Sandbox) -> None:
    me = request_json("GET", f"{sandbox.url}/github/api/v3/user")
    contract.validate("GET", "/user", None, 200, me)
    with pytest.raises(ContractBroken, match="'login' is a required property"):
        contract.validate("GET", "/users/alice", None, 200, {name: me[name] for name in me if name != "login"})
    with pytest.raises(ContractBroken, match="never answers 418"):
        contract.validate("GET", "/users/alice", None, 418, {})
    with pytest.raises(ContractBroken, match="knows no"):
        contract.validate("GET", "/made/up", None, 200, {})
    with pytest.raises(ContractBroken, match="required property"):
        contract.validate("POST", "/repos/a/b/git/refs", {"ref": "refs/heads/x"}, 201, {})


def test_a_repository_moves_and_its_former_address_leads_there(
    sandbox: Sandbox, exchanges: list[Exchange], repository: Repository
) -> None:
    api, name = f"{sandbox.url}/github/api/v3", repository.full_name
    branch = request_json("POST", f"{api}/repos/{name}/branches/main/rename", {"new_name": "trunk"})
    assert branch["name"] == "trunk"
    assert request_json("GET", f"{api}/repos/{name}")["default_branch"] == "trunk"
    renamed = request_json("PATCH", f"{api}/repos/{name}", {"name": f"{repository.name}-new"})["full_name"]
    assert request_json("GET", f"{api}/repos/{name}")["full_name"] == renamed
    with_hook = request_json("POST", f"{api}/repos/{renamed}/transfer", {"new_owner": "globex"})
    assert with_hook["full_name"] == f"globex/{repository.name}-new"
    assert request_json("GET", f"{api}/repositories/{repository.id}")["owner"]["login"] == "globex"
    contract.check(exchanges)


def test_a_deleted_repository_leaves_nothing(sandbox: Sandbox, repository: Repository) -> None:
    url = f"{sandbox.url}/github/api/v3/repos/{repository.full_name}"
    headers = {"Authorization": f"token {token('onramp-bot')}"}
    assert requests.delete(url, headers=headers, timeout=10).status_code == 204
    response = requests.get(url, headers=headers, timeout=10)
    assert response.status_code == 404
    contract.validate("GET", "/repos/{owner}/{repo}", None, 404, response.json())
    again = create_repository(sandbox)
    assert again.id > repository.id, "an id is never given to another one"


def test_the_subject_of_tokens_can_be_customised(sandbox: Sandbox, exchanges: list[Exchange]) -> None:
    repository = create_repository(sandbox)
    url = f"{sandbox.url}/github/api/v3/repos/{repository.full_name}/actions/oidc/customization/sub"
    ids = f"repo:acme@1000/{repository.name}@{repository.id}"
    assert request_json("GET", url) == {"use_default": True, "sub_claim_prefix": ids}
    template = {"use_default": False, "include_claim_keys": ["repo"], "use_immutable_subject": False}
    request_json("PUT", url, template)
    assert request_json("GET", url) == template | {"sub_claim_prefix": f"repo:{repository.full_name}"}
    contract.check(exchanges)


@pytest.mark.parametrize("method", ["squash", "rebase"])
def test_a_merge_leaves_the_commits_that_its_method_says(
    exchanges: list[Exchange], repository: Repository, method: str
) -> None:
    create_branch(repository, "change", {"a.txt": "1\n"})
    pull = repository.create_pull("main", "change", title="A change", body="")
    merged = pull.merge(merge_method=method).sha
    (parent,) = repository.get_git_commit(merged).parents
    assert repository.get_git_commit(merged).message == ("A change (#1)" if method == "squash" else "A change")
    assert repository.compare(parent.sha, "main").status == "ahead"
    assert repository.compare("main", parent.sha).status == "behind"
    assert repository.compare("main", merged).status == "identical"
    contract.check(exchanges)


def test_rules_are_shown_to_those_who_must_meet_them(
    sandbox: Sandbox, exchanges: list[Exchange], repository: Repository
) -> None:
    url = f"{sandbox.url}/github/api/v3/repos/{repository.full_name}"
    rule = {
        "required_status_checks": {"strict": False, "contexts": ["scan"]},
        "required_pull_request_reviews": {"required_approving_review_count": 2},
        "enforce_admins": True,
        "restrictions": None,
    }
    request_json("PUT", f"{url}/branches/main/protection", rule)
    branch = request_json("GET", f"{url}/branches/main", login="alice")
    assert branch["protection"]["required_status_checks"]["contexts"] == ["scan"]
    reviews = request_json("GET", f"{url}/branches/main/protection/required_pull_request_reviews")
    assert reviews["required_approving_review_count"] == 2
    sha = branch["commit"]["sha"]
    assert request_json("GET", f"{url}/commits/{sha}/check-runs?check_name=scan")["check_runs"] == []
    assert request_json("GET", f"{url}/commits/{sha}/status")["statuses"] == []
    contract.check(exchanges)


@pytest.mark.parametrize(
    ("fate", "status", "conclusion"),
    [
        ("queued", "queued", None),
        ("waiting", "waiting", None),
        ("action_required", "completed", "action_required"),
        ("startup_failure", "completed", "startup_failure"),
    ],
)
def test_a_run_can_be_held_or_fail_to_start(
    sandbox: Sandbox,
    exchanges: list[Exchange],
    repository: Repository,
    fate: str,
    status: str,
    conclusion: str | None,
) -> None:
    settings = f"{sandbox.url}/github/{repository.full_name}/_settings/next-runs"
    requests.post(settings, data={"value": fate}, timeout=10).raise_for_status()
    create_branch(repository, "build", {".github/workflows/build.yml": WORKFLOW})
    url = f"{sandbox.url}/github/api/v3/repos/{repository.full_name}/actions"
    (run,) = request_json("GET", f"{url}/runs")["workflow_runs"]
    workflow = request_json("GET", f"{url}/workflows/{run['workflow_id']}")
    assert request_json("GET", f"{url}/workflows/{workflow['id']}/runs")["workflow_runs"] == [run]
    assert (run["status"], run["conclusion"]) == (status, conclusion)
    pending = request_json("GET", f"{url}/runs/{run['id']}/pending_deployments")
    assert len(pending) == (fate == "waiting")
    contract.check(exchanges)
    page = f"{sandbox.url}/github/{repository.full_name}/actions/runs/{run['id']}"
    if fate != "startup_failure":
        requests.post(f"{page}/_release", timeout=10).raise_for_status()
        until(lambda: request_json("GET", f"{url}/runs/{run['id']}")["conclusion"] == "success" or None)


def test_a_workflow_is_known_by_name_only_on_the_default_branch(sandbox: Sandbox, repository: Repository) -> None:
    url = f"{sandbox.url}/github/api/v3/repos/{repository.full_name}/actions/workflows/build.yml"
    create_branch(repository, "build", {".github/workflows/build.yml": WORKFLOW})
    headers = {"Authorization": f"token {token('onramp-bot')}"}
    answer = requests.get(url, headers=headers, timeout=10)
    assert answer.status_code == 404
    assert answer.json()["message"] == "workflow build.yml not found on the default branch"
    repository.create_pull("main", "build", title="Build", body="").merge()
    assert request_json("GET", url)["path"] == ".github/workflows/build.yml"


def test_a_commit_can_skip_its_workflows(sandbox: Sandbox, repository: Repository) -> None:
    url = f"{sandbox.url}/github/api/v3/repos/{repository.full_name}/actions/runs"
    create_branch(repository, "build", {".github/workflows/build.yml": WORKFLOW})
    assert request_json("GET", url)["total_count"] == 1
    head = repository.get_branch("build").commit
    tree = repository.get_git_tree(head.sha)
    parents = [repository.get_git_commit(head.sha)]
    skipping = repository.create_git_commit("Not now [skip ci]", tree, parents)
    repository.get_git_ref("heads/build").edit(skipping.sha)
    assert request_json("GET", url)["total_count"] == 1

"""The sandbox's GitHub, driven by PyGithub, says nothing that GitHub's own description does not allow."""

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


Found = TypeVar("Found")


def until(ask: Callable[[], Found | None], seconds: float = 30.0) -> Found:
    """The first answer that is not None. Raises AssertionError when there is none in time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        found = ask()
        if found is not None:
            return found
        time.sleep(0.1)
    raise AssertionError(f"it did not happen within {seconds:g} seconds")


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
    with contract.recording() as found:
        yield found


@pytest.fixture
def repository(sandbox: Sandbox) -> Repository:
    """A repository of its own for the test, with one commit."""
    return new_repository(sandbox)


def new_repository(sandbox: Sandbox, login: str = "alice", **options: Any) -> Repository:
    body = {"name": f"c-{uuid.uuid4().hex[:10]}", "auto_init": True, **options}
    made = said_plainly("POST", f"{sandbox.url}/github/api/v3/orgs/acme/repos", body, login)
    return client(sandbox, login).get_repo(str(made["full_name"]))


def branch_with(repository: Repository, name: str, files: dict[str, str | None]) -> str:
    """A branch with one more commit; returns the commit."""
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


def said_plainly(method: str, url: str, body: dict[str, Any] | None = None, login: str = "onramp-bot") -> Any:
    """Without PyGithub, where it asks for more, or sends what GitHub does not describe."""
    headers = {"Authorization": f"token {token(login)}"}
    answer = requests.request(method, url, json=body, headers=headers, timeout=10)
    answer.raise_for_status()
    return answer.json()


def refused(status: int, call: Callable[[], Any]) -> dict[str, Any]:
    with pytest.raises(GithubException) as caught:
        call()
    assert caught.value.status == status
    return dict(caught.value.data)


def test_people_and_teams(sandbox: Sandbox, exchanges: list[Exchange]) -> None:
    github = client(sandbox)
    assert github.get_user().login == "alice"
    api = f"{sandbox.url}/github/api/v3/orgs/acme/teams"
    assert {one["slug"] for one in said_plainly("GET", api)} >= {"storefront", "payments"}
    assert {one["login"] for one in said_plainly("GET", f"{api}/storefront/members")} == {"alice", "bob"}
    seen = {login: said_plainly("GET", f"{api}/payments/repos", login=login) for login in ("alice", "charlie")}
    assert "acme/vault" in {one["full_name"] for one in seen["charlie"]}
    assert "acme/vault" not in {one["full_name"] for one in seen["alice"]}
    assert github.get_rate_limit().rate.limit == 5000
    contract.check(exchanges)


def test_reading_a_repository(sandbox: Sandbox, exchanges: list[Exchange]) -> None:
    repository = client(sandbox).get_repo("acme/shop")
    assert repository.permissions.push
    assert not repository.permissions.admin
    assert repository.get_collaborator_permission("charlie") == "read"
    assert [team.slug for team in repository.get_teams()] == ["storefront"]
    head = repository.get_branch("main").commit.sha
    tree = repository.get_git_tree(head, recursive=True)
    listed = {entry.path: entry for entry in tree.tree}
    blob = repository.get_git_blob(listed["web/server.js"].sha)
    file = repository.get_contents("web/server.js")
    assert not isinstance(file, list)
    assert base64.b64decode(blob.content) == file.decoded_content
    assert repository.get_git_ref("heads/main").object.sha == head
    contract.check(exchanges)


def test_a_pull_request_from_branch_to_merge(
    sandbox: Sandbox, exchanges: list[Exchange], repository: Repository
) -> None:
    branch_with(repository, "onramp/change", {"a/b.txt": "hello\n", "README.md": None})
    pull = repository.create_pull("main", "onramp/change", title="A change", body="Why")
    assert [one.number for one in repository.get_pulls(state="all", head="acme:onramp/change")] == [pull.number]
    client(sandbox, "bob").get_repo(repository.full_name).get_pull(pull.number).create_review(event="APPROVE")
    assert [one.state for one in pull.get_reviews()] == ["APPROVED"]
    pull.edit(title="Another change")
    assert [one.commit.message for one in pull.get_commits()] == ["A change"]
    assert (pull.additions, pull.deletions, pull.changed_files) == (1, 3, 2)
    assert pull.merge().merged
    assert repository.get_pull(pull.number).merged
    contract.check(exchanges)


def test_refusals(sandbox: Sandbox, exchanges: list[Exchange], repository: Repository) -> None:
    sha = branch_with(repository, "again", {"x": "1"})
    repository.create_pull("main", "again", title="One", body="")
    said = refused(422, lambda: repository.create_pull("main", "again", title="Two", body=""))
    assert said["errors"][0]["message"] == "A pull request already exists for acme:again."
    assert refused(422, lambda: repository.create_git_ref("refs/heads/again", sha))["message"].startswith(
        "Reference al"
    )
    refused(422, lambda: repository.create_pull("main", "nowhere", title="Three", body=""))
    refused(404, lambda: client(sandbox).get_repo("acme/vault"))
    refused(404, lambda: repository.get_contents("nothing"))
    museum = client(sandbox).get_repo("acme/museum")
    archived = refused(403, lambda: museum.create_git_ref("refs/heads/x", museum.get_branch("main").commit.sha))
    assert archived["message"] == "Repository was archived so is read-only."
    refused(403, lambda: client(sandbox, "charlie").get_repo(repository.full_name).create_git_ref("refs/heads/c", sha))
    contract.check(exchanges)


def test_an_empty_repository(sandbox: Sandbox, exchanges: list[Exchange]) -> None:
    empty = new_repository(sandbox, auto_init=False)
    assert empty.size == 0
    assert refused(409, lambda: empty.get_git_tree("main"))["message"] == "Git Repository is empty."
    assert refused(404, lambda: empty.get_contents("README.md"))["message"] == "This repository is empty."
    refused(404, lambda: empty.get_branch("main"))
    contract.check(exchanges)


def test_bad_credentials(sandbox: Sandbox) -> None:
    answer = requests.get(f"{sandbox.url}/github/api/v3/user", headers={"Authorization": "token wrong"}, timeout=10)
    assert answer.status_code == 401
    contract.validate("GET", "/user", None, 401, answer.json())


def test_branch_protection(sandbox: Sandbox, exchanges: list[Exchange], repository: Repository) -> None:
    rule = {
        "required_status_checks": None,
        "enforce_admins": True,
        "required_pull_request_reviews": {"required_approving_review_count": 1},
        "restrictions": None,
    }
    said_plainly("PUT", f"{repository.url}/branches/main/protection", rule)
    assert [one["type"] for one in said_plainly("GET", f"{repository.url}/rules/branches/main")] == ["pull_request"]
    sha = branch_with(repository, "wants-review", {"x": "1"})
    refused(422, lambda: repository.get_git_ref("heads/main").edit(sha))
    pull = repository.create_pull("main", "wants-review", title="One", body="")
    assert refused(405, pull.merge)["message"].startswith("At least 1 approving review")
    assert pull.mergeable_state == "blocked"
    client(sandbox, "bob").get_repo(repository.full_name).get_pull(pull.number).create_review(event="APPROVE")
    assert pull.merge().merged
    contract.check(exchanges)


def test_runs_jobs_and_checks(sandbox: Sandbox, exchanges: list[Exchange], repository: Repository) -> None:
    sha = branch_with(repository, "with-ci", {".github/workflows/build.yml": WORKFLOW})
    run = until(lambda: next((one for one in repository.get_workflow_runs(head_sha=sha) if one.conclusion), None))
    assert run.conclusion == "success"
    jobs = {job.name: job for job in run.jobs()}
    assert jobs["test"].conclusion == "success"
    assert jobs["later"].conclusion == "skipped"
    checks = said_plainly("GET", f"{repository.url}/commits/{sha}/check-runs")["check_runs"]
    assert {one["name"] for one in checks} == {"test", "later"}
    log = requests.get(f"{jobs['test'].url}/logs", headers={"Authorization": "token sandbox-alice-token"}, timeout=10)
    assert "hello" in log.text
    made = repository.create_check_run("ours", sha, status="completed", conclusion="success")
    assert repository.get_check_run(made.id).conclusion == "success"
    run.rerun()
    again = until(lambda: found if (found := repository.get_workflow_run(run.id)).conclusion else None)
    assert again.run_attempt == 2
    contract.check(exchanges)


def event_of(one: Received) -> str:
    return one.headers["x-github-event"]


def count(received: list[Received], event: str, action: str) -> int:
    return sum(event_of(one) == event and json.loads(one.body).get("action") == action for one in received)


def test_webhooks_in_githubs_words(sandbox: Sandbox, exchanges: list[Exchange], repository: Repository) -> None:
    owned = client(sandbox, "onramp-bot").get_repo(repository.full_name)
    with receiving() as receiver:
        config = {"url": receiver.url, "content_type": "json", "secret": "s3"}
        hook = owned.create_hook("web", config, ["*"])
        branch_with(repository, "hooked", {".github/workflows/build.yml": WORKFLOW})
        pull = repository.create_pull("main", "hooked", title="One", body="")
        theirs = client(sandbox, "bob").get_repo(repository.full_name).get_pull(pull.number)
        theirs.create_review(body="Fine", event="COMMENT")
        until(lambda: count(receiver.received, "workflow_run", "completed") >= 2 or None)
        pull.merge()
        until(lambda: count(receiver.received, "pull_request", "closed") or None)
        got = list(receiver.received)
    for one in got:
        contract.validate_webhook(event_of(one), json.loads(one.body))
        expected = hmac.new(b"s3", one.body, hashlib.sha256).hexdigest()
        assert one.headers["x-hub-signature-256"] == f"sha256={expected}"
        assert uuid.UUID(one.headers["x-github-delivery"])
    assert {event_of(one) for one in got} >= {
        "ping", "push", "pull_request", "pull_request_review", "workflow_run",
    }  # fmt: skip
    delivered = list(owned.get_hook_deliveries(hook.id))
    assert 202 in {one.status_code for one in delivered}
    request = owned.get_hook_delivery(hook.id, delivered[0].id or 0).request
    assert request is not None
    assert request.payload
    contract.check(exchanges)


def test_the_recorder_finds_what_is_wrong(sandbox: Sandbox) -> None:
    me = said_plainly("GET", f"{sandbox.url}/github/api/v3/user")
    contract.validate("GET", "/user", None, 200, me)
    with pytest.raises(ContractBroken, match="'login' is a required property"):
        contract.validate("GET", "/users/alice", None, 200, {name: me[name] for name in me if name != "login"})
    with pytest.raises(ContractBroken, match="never answers 418"):
        contract.validate("GET", "/users/alice", None, 418, {})
    with pytest.raises(ContractBroken, match="knows no"):
        contract.validate("GET", "/made/up", None, 200, {})
    with pytest.raises(ContractBroken, match="required property"):
        contract.validate("POST", "/repos/a/b/git/refs", {"ref": "refs/heads/x"}, 201, {})

"""Real git against the sandbox, the sign-in of a browser and an application, lost webhooks, and the web pages."""

import base64
import hashlib
import os
import subprocess
import uuid
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from tests.sandbox.process import Sandbox
from tests.sandbox.receiver import receiving
from tests.sandbox.test_github_contract import client, create_repository, event_name, request_json, until

SECRET = "sandbox-oauth-secret"


def git(folder: Path, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "GIT_TERMINAL_PROMPT": "0", "GIT_CONFIG_GLOBAL": os.devnull}
    identity = ["-c", "user.name=Alice", "-c", "user.email=alice@acme.example"]
    process = subprocess.run(
        ["git", *identity, *arguments], cwd=folder, env=environment, capture_output=True, text=True
    )
    if check:
        assert process.returncode == 0, process.stderr
    return process


def remote(sandbox: Sandbox, name: str, credentials: str = "") -> str:
    prefix = f"://{credentials}@" if credentials else "://"
    return f"{sandbox.url}/github/acme/{name}".replace("://", prefix)


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A local repository with one commit."""
    git(tmp_path, "init", "--quiet", "--initial-branch=main")
    (tmp_path / "README.md").write_text("# Mine\n")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "--quiet", "-m", "First")
    return tmp_path


def new_name() -> str:
    return f"g-{uuid.uuid4().hex[:10]}"


def test_a_push_creates_a_repository_for_the_pushers_team(sandbox: Sandbox, clone: Path) -> None:
    name = new_name()
    (clone / "big").write_bytes(os.urandom(2_500_000))  # more than git sends in one chunk
    git(clone, "add", ".")
    git(clone, "commit", "--quiet", "-m", "Big")
    git(clone, "push", "--quiet", remote(sandbox, name, "alice:alice"), "HEAD:trunk")
    repository = client(sandbox).get_repo(f"acme/{name}")
    assert repository.default_branch == "trunk"
    assert [team.slug for team in repository.get_teams()] == ["storefront"]
    git(clone, "clone", "--quiet", f"{remote(sandbox, name)}.git", "again")
    assert (clone / "again" / "big").stat().st_size == 2_500_000


def test_reading_and_pushing_need_permission(sandbox: Sandbox, clone: Path) -> None:
    assert git(clone, "ls-remote", remote(sandbox, "vault"), check=False).returncode
    assert "not found" in git(clone, "ls-remote", remote(sandbox, "vault", "alice:alice"), check=False).stderr
    git(clone, "ls-remote", remote(sandbox, "vault", "charlie:sandbox-charlie-token"))
    denied = git(clone, "push", remote(sandbox, "greeter", "charlie:charlie"), "HEAD:x", check=False)
    assert "Permission to acme/greeter.git denied to charlie" in denied.stderr
    archived = git(clone, "push", remote(sandbox, "museum", "alice:alice"), "HEAD:x", check=False)
    assert "archived" in archived.stderr


def test_a_protected_branch_refuses_a_push(sandbox: Sandbox, clone: Path) -> None:
    name = new_name()
    address = remote(sandbox, name, "alice:alice")
    git(clone, "push", "--quiet", address, "HEAD:main")
    as_bot = client(sandbox, "onramp-bot").get_repo(f"acme/{name}")
    rule = {
        "required_status_checks": None,
        "enforce_admins": True,
        "required_pull_request_reviews": {"required_approving_review_count": 1},
        "restrictions": None,
    }
    request_json("PUT", f"{as_bot.url}/branches/main/protection", rule)
    git(clone, "commit", "--quiet", "--allow-empty", "-m", "Second")
    refused = git(clone, "push", address, "HEAD:main", check=False)
    assert "GH006: Protected branch update failed" in refused.stderr
    git(clone, "push", "--quiet", address, "HEAD:other")


def test_a_push_updates_closes_and_merges_pull_requests(sandbox: Sandbox, clone: Path) -> None:
    name = new_name()
    address = remote(sandbox, name, "alice:alice")
    git(clone, "push", "--quiet", address, "HEAD:main")
    branches = ("updated", "deleted", "merged")
    for branch in branches:
        git(clone, "checkout", "--quiet", "-B", branch, "main")
        git(clone, "commit", "--quiet", "--allow-empty", "-m", branch)
        git(clone, "push", "--quiet", address, branch)
    repository = client(sandbox).get_repo(f"acme/{name}")
    pulls = {branch: repository.create_pull("main", branch, title=branch, body="") for branch in branches}
    git(clone, "push", "--quiet", address, "merged:main")
    git(clone, "push", "--quiet", address, ":deleted")
    git(clone, "checkout", "--quiet", "updated")
    git(clone, "commit", "--quiet", "--allow-empty", "-m", "more")
    git(clone, "push", "--quiet", address, "updated")
    now = {branch: repository.get_pull(pull.number) for branch, pull in pulls.items()}
    assert now["updated"].head.sha == git(clone, "rev-parse", "updated").stdout.strip()
    assert (now["deleted"].state, now["deleted"].merged) == ("closed", False)
    assert now["merged"].merged


def test_lists_are_paginated(sandbox: Sandbox) -> None:
    address = f"{sandbox.url}/github/api/v3/orgs/acme/teams?per_page=2"
    headers = {"Authorization": "token sandbox-dana-token"}
    first = requests.get(address, headers=headers, timeout=10)
    assert len(first.json()) == 2
    second = requests.get(first.links["next"]["url"], headers=headers, timeout=10)
    assert {team["name"] for team in second.json()}.isdisjoint(team["name"] for team in first.json())
    assert "prev" in second.links


def test_a_lost_webhook_is_redelivered_only_on_request(behaving: Sandbox) -> None:
    repository = create_repository(behaving, "onramp-bot")
    with receiving() as receiver:
        hook = repository.create_hook("web", {"url": receiver.url, "content_type": "json"}, ["push"])
        receiver.wait_for(1)
        rule = behaving.fault("webhook-dropped", "github", times=1)
        assert rule
        head = repository.get_branch("main").commit.sha
        repository.create_git_ref("refs/heads/lost", head)
        lost = until(
            lambda: next((sent for sent in repository.get_hook_deliveries(hook.id) if sent.event == "push"), None)
        )
        assert lost.status_code == 0
        assert [event_name(webhook) for webhook in receiver.received] == ["ping"]
        address = f"{hook.url}/deliveries/{lost.id}/attempts"
        response = requests.post(address, headers={"Authorization": "token sandbox-onramp-token"}, timeout=10)
        assert response.status_code == 202
        redelivered = receiver.wait_for(2)[1]
        assert redelivered.headers["x-github-delivery"] == lost.guid


def test_an_application_signs_a_user_in(sandbox: Sandbox) -> None:
    verifier = "v" * 50
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    query = {
        "client_id": "sandbox-oauth-client",
        "redirect_uri": "http://127.0.0.1:9/back?a=1",
        "scope": "user:email",
        "state": "s",
        "code_challenge": challenge,
        "code_challenge_method": "S256",
    }
    page = f"{sandbox.url}/github/login/oauth/authorize"
    chooser = requests.get(page, params=query, timeout=10)
    assert "Alice Moreau" in chooser.text
    consent = requests.get(page, params={**query, "chosen": "alice"}, timeout=10)
    assert "Authorize Onramp" in consent.text
    after_consent = requests.post(page, data={**query, "login": "alice"}, allow_redirects=False, timeout=10)
    without_consent = requests.get(page, params={**query, "login": "alice"}, allow_redirects=False, timeout=10)
    for response in (after_consent, without_consent):
        callback = parse_qs(urlsplit(response.headers["Location"]).query)
        assert callback["state"] == ["s"]
        assert callback["a"] == ["1"]
        body = {"client_id": query["client_id"], "client_secret": SECRET, "code": callback["code"][0]}
        address = f"{sandbox.url}/github/login/oauth/access_token"
        headers = {"Accept": "application/json"}
        assert "error" in requests.post(address, data=body, headers=headers, timeout=10).json()
        token = requests.post(address, data={**body, "code_verifier": verifier}, headers=headers, timeout=10).json()
        authorization = {"Authorization": f"token {token['access_token']}"}
        user = requests.get(f"{sandbox.url}/github/api/v3/user", headers=authorization, timeout=10).json()
        assert user["login"] == "alice"
        emails = requests.get(f"{sandbox.url}/github/api/v3/user/emails", headers=authorization, timeout=10).json()
        assert emails[0]["email"] == "alice@acme.example"
        assert "error" in requests.post(address, data=body, headers=headers, timeout=10).json()


def test_the_page_merges_as_the_chosen_person(sandbox: Sandbox, clone: Path) -> None:
    name = new_name()
    address = remote(sandbox, name, "alice:alice")
    git(clone, "push", "--quiet", address, "HEAD:main")
    git(clone, "commit", "--quiet", "--allow-empty", "-m", "More")
    git(clone, "push", "--quiet", address, "HEAD:more")
    pull = client(sandbox).get_repo(f"acme/{name}").create_pull("main", "more", title="More <b>", body="")
    page = requests.get(pull.html_url, timeout=10)
    assert "More &lt;b&gt;" in page.text
    elsewhere = requests.post(f"{pull.html_url}/_merge", headers={"Origin": "http://evil.example"}, timeout=10)
    assert elsewhere.status_code == 403
    stranger = requests.post(f"{pull.html_url}/_merge", data={"login": "charlie"}, timeout=10)
    assert stranger.status_code == 422
    assert "cannot write to" in stranger.text
    assert requests.post(f"{pull.html_url}/_merge", data={"login": "bob"}, timeout=10).ok
    merged = client(sandbox).get_repo(f"acme/{name}").get_pull(pull.number)
    assert merged.merged_by.login == "bob"

"""Every problem with an address or its repository has its own clear message and leaves nothing behind."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import readers
from events.models import Event
from integrations import providers
from onboarding.plans.content import Change
from readers.limits import Limits
from tests.plan.world import World, git

SERVICE = {"Procfile": "web: python app.py\n", "requirements.txt": "", "app.py": "port = 8080\n"}


@pytest.mark.parametrize(
    ("pasted", "message"),
    [
        ("", "Paste the URL of a repository"),
        ("a b", "a space or a control character"),
        ("x" * 501, "This address is too long"),
        ("acme/gr\u00fc\u00dfe", "another script"),
        ("-acme/greeter", "cannot begin with a dash"),
        ("https://gitlab.example/acme/greeter", "is not connected to this host"),
        ("http://127.0.0.1:1/github/acme/greeter", "is not connected to this host"),
        ("{sandbox}/jira/acme/greeter", "is not connected to this host"),
        ("http://alice:secret@127.0.0.1/github/acme/greeter", "a user name or a password"),
        ("http://127.0.0.1:port/acme/greeter", "malformed"),
        ("file:///etc/passwd", "does not support file://"),
        ("{sandbox}/github/acme", "names no repository"),
        ("{sandbox}/github/acme/greeter/etc", "Repositories have no page"),
        ("{sandbox}/github/acme_/greeter", "is not a valid owner"),
        ("{sandbox}/github/acme/a%20b", "is not a valid repository name"),
    ],
)
def test_an_invalid_address_is_rejected(world: World, pasted: str, message: str) -> None:
    rejection = world.rejection(pasted.replace("{sandbox}", world.sandbox.url))
    assert rejection.kind == "address"
    assert message in rejection.message
    assert "secret" not in rejection.message
    assert not world.request_log(), "no provider receives a request about an invalid address"


def test_a_rejected_address_is_recorded_as_an_event(world: World) -> None:
    world.rejection("https://gitlab.example/acme/greeter")
    event = Event.objects.get(type="onramp.address.rejected")
    assert (event.person, event.data["kind"]) == ("alice", "address")


def test_every_form_of_an_address_is_the_same_repository(world: World) -> None:
    for form in ("acme/greeter", "{}/acme/greeter.git", "{}/ACME/greeter/tree/main/test", "git clone {}/acme/greeter"):
        check = world.check(form.format(f"{world.sandbox.url}/github"))
        assert check.facts.full_name == "acme/greeter"


def test_a_missing_repository_is_rejected(world: World) -> None:
    assert world.rejection(world.url("acme/nothing")).kind == "no-access"


def test_a_private_repository_without_access_looks_like_a_missing_one(world: World) -> None:
    assert world.rejection(world.url("acme/vault")).kind == "no-access"
    assert world.rejection(world.url("acme/vault"), world.cast.pat).kind == "no-access"


def test_a_repository_with_read_access_only_is_rejected(world: World) -> None:
    rejection = world.rejection(world.url("acme/greeter"), world.cast.charlie)
    assert rejection.kind == "no-right"
    assert "acme/greeter" in rejection.message


def test_an_empty_repository_is_rejected(world: World) -> None:
    world.github("POST", "/orgs/acme/repos", {"name": "hollow"})
    rejection = world.rejection(world.url("acme/hollow"))
    assert (rejection.kind, "Push a first commit" in rejection.message) == ("empty", True)


def test_a_default_branch_that_was_never_pushed_is_rejected(world: World) -> None:
    world.github("POST", "/orgs/acme/repos", {"name": "headless"})
    world.push("headless", SERVICE, branch="main")
    world.github(
        "POST", "/repos/acme/headless/git/refs", {"ref": "refs/heads/other", "sha": world.push("headless", {})}
    )
    world.sandbox.fault("error-before", "/github/api/v3/repos/acme/headless/branches/main", status=404)
    rejection = world.rejection(world.url("acme/headless"))
    assert rejection.kind == "no-default-branch"
    assert "main" in rejection.message


def test_a_repository_without_files_is_rejected(world: World) -> None:
    world.push("bare", {})
    rejection = world.rejection(world.url("acme/bare"))
    assert (rejection.kind, "contains no files" in rejection.message) == ("empty", True)


def test_a_manifest_that_is_not_text_is_reported(world: World) -> None:
    world.push("latin", {**SERVICE, "requirements.txt": b"caf\xe9==1\n", "Procfile": b"web: python app.py\n"})
    content = world.content("acme/latin")
    assert "requirements.txt is not UTF-8 text and was not read." in content.warnings


def test_an_unreadable_only_manifest_leaves_the_repository_unidentified(world: World) -> None:
    world.push("garbled", {"package.json": b"\xff\xfe{\x00}\x00"})
    content = world.content("acme/garbled")
    assert "package.json is not UTF-8 text and was not read." in content.warnings
    assert content.unknown
    assert not content.can_start


def test_a_manifest_that_is_too_large_is_reported_and_not_read(world: World) -> None:
    world.push("swollen", {**SERVICE, "requirements.txt": "# padding\n" * 110_000})
    content = world.content("acme/swollen")
    assert [warning for warning in content.warnings if warning.startswith("requirements.txt is larger than 1,000 kB")]
    assert not [
        request for request in world.request_log() if "git/blobs" in request["path"] and request["milliseconds"] > 5_000
    ]


def test_folders_are_read_one_by_one_where_the_host_lists_only_some_files(world: World) -> None:
    """GitHub lists at most 100,000 entries: the folders behind them are listed separately, and no others."""
    world.push("endless", {"page/0000": "one line\n", **{f"service/{name}": text for name, text in SERVICE.items()}})
    checkout = world.folder / "endless"

    def tree(*lines: str) -> str:
        return git(checkout, "mktree", stdin="\n".join(lines))

    page = git(checkout, "rev-parse", "HEAD:page/0000")
    thousand = tree(*(f"100644 blob {page}\t{number:04}" for number in range(1000)))
    pages = tree(*(f"040000 tree {thousand}\t{number:03}" for number in range(101)))
    service = git(checkout, "rev-parse", "HEAD:service")
    everything = tree(f"040000 tree {pages}\tpages", f"040000 tree {service}\tservice")
    git(checkout, "reset", "-q", "--soft", git(checkout, "commit-tree", everything, "-p", "HEAD", "-m", "Endless"))
    world.push_head("endless")
    content = world.content("acme/endless")
    assert [(component.root, component.language) for component in content.components] == [("service", "Python")]
    (message,) = (warning for warning in content.warnings if warning.startswith("The source host lists only some"))
    assert message.endswith("Nothing deployable is missing.")
    listings = [request for request in world.request_log() if "/git/trees/" in request["path"]]
    assert len(listings) == 6, "everything, the top level, pages with its two incomplete folders, and service"


def test_a_symlink_is_not_followed(world: World) -> None:
    world.push(
        "linked", {"app.py": "port = 8080\n", "requirements.txt": Path("/etc/passwd"), "Procfile": Path("app.py")}
    )
    content = world.content("acme/linked")
    assert "root:" not in content.model_dump_json()
    assert not [
        evidence for component in content.components for evidence in component.evidence if evidence.path == "Procfile"
    ]


@pytest.mark.parametrize("kind", ["error-before", "reset-before", "invalid-json", "half-body"])
def test_a_source_host_that_is_down_is_reported(world: World, kind: str) -> None:
    world.sandbox.fault(kind, "/github")
    rejection = world.rejection(world.url("acme/greeter"))
    assert rejection.kind == "source-down"
    assert "Try again" in rejection.message


def test_a_source_host_that_goes_down_while_planning_is_reported(world: World) -> None:
    world.sandbox.fault("error-before", "/github/api/v3/repos/acme/greeter/git")
    assert world.rejection(world.url("acme/greeter")).kind == "provider"


def test_a_cluster_that_is_down_leaves_a_hole_in_the_plan(world: World) -> None:
    world.sandbox.fault("error-before", "/kubernetes")
    content = world.content("acme/greeter")
    assert {planned.change for planned in content.objects} == {Change.UNKNOWN, Change.BY_PIPELINE}
    assert any(warning.startswith("The cluster could not be asked what exists") for warning in content.warnings)


def test_rejected_credentials_are_reported_and_never_shown(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORTAL_SOURCE_GITHUB_TOKEN", "expired-long-ago")
    providers.reset()
    rejection = world.rejection(world.url("acme/greeter"))
    assert rejection.kind == "credentials"
    assert "expired-long-ago" not in rejection.message


def test_a_person_without_a_team_is_rejected(world: World) -> None:
    world.cast.storefront.memberships.all().delete()
    assert world.rejection(world.url("acme/orphan")).kind == "no-team"


def test_an_organisation_without_a_target_is_rejected(world: World) -> None:
    world.cast.target.delete()
    assert world.rejection(world.url("acme/greeter")).kind == "no-target"


@pytest.fixture
def limits(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Limits], None]]:
    """Other limits for the readers of this process."""

    def use(limits: Limits) -> None:
        readers.POOL.close()
        monkeypatch.setattr(readers.POOL, "limits", limits)

    yield use
    readers.POOL.close()


@pytest.mark.parametrize(
    ("given", "kind", "message"),
    [
        (Limits(seconds=0.3), "takes-too-long", "takes too long to read"),
        (Limits(memory=5_000_000), "needs-too-much-memory", "too much memory"),
    ],
)
def test_a_repository_that_cannot_be_read_within_limits_is_rejected(
    world: World, limits: Callable[[Limits], None], given: Limits, kind: str, message: str
) -> None:
    services = {
        f"s{number}/{name}": text
        for number in range(20)
        for name, text in (*SERVICE.items(), ("compose.yaml", "a: [" + "b, " * 120_000 + "]"))
    }
    world.push(kind, services)
    limits(given)
    rejection = world.rejection(world.url(f"acme/{kind}"))
    assert (rejection.kind, message in rejection.message) == (kind, True)


def test_a_text_that_no_database_stores_does_not_end_in_an_error(world: World) -> None:
    world.push(
        "odd", SERVICE | {"deploy/odd/app.yaml": "a: \0", "package.json": '{"engines": {"node": "\\u0000\\ud800"}}'}
    )
    content = world.content("acme/odd")
    assert any("deploy/odd/app.yaml is not UTF-8 text" in warning for warning in content.warnings)


def test_a_hidden_repository_costs_the_same_requests_as_a_missing_one(world: World) -> None:
    """Otherwise the time of the answer says that it exists."""
    methods = []
    for name in ("vault", "no-such-vault"):
        world.rejection(world.url(f"acme/{name}"), world.cast.alice)
        world.sandbox.forget_requests()
        world.rejection(world.url(f"acme/{name}"), world.cast.alice)
        methods.append([line["path"].replace(name, "NAME") for line in world.request_log()])
    assert methods[0] == methods[1]

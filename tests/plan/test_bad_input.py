"""Each thing that is wrong with an address or its repository has its own clear answer, and leaves nothing behind."""

from pathlib import Path

import pytest

from events.models import Event
from integrations import providers
from tests.plan.world import World, git

SERVICE = {"Procfile": "web: python app.py\n", "requirements.txt": "", "app.py": "port = 8080\n"}


@pytest.mark.parametrize(
    ("pasted", "says"),
    [
        ("", "Paste the address of a repository"),
        ("a b", "a space or a control character"),
        ("x" * 501, "longer than an address can be"),
        ("acme/gr\u00fc\u00dfe", "another script"),
        ("-acme/greeter", "does not begin with a dash"),
        ("https://gitlab.example/acme/greeter", "does not know the host"),
        ("http://127.0.0.1:1/github/acme/greeter", "does not know the host"),
        ("{sandbox}/jira/acme/greeter", "does not know the host"),
        ("http://alice:secret@127.0.0.1/github/acme/greeter", "a user name or a password"),
        ("http://127.0.0.1:port/acme/greeter", "malformed"),
        ("file:///etc/passwd", "does not use file://"),
        ("{sandbox}/github/acme", "names no repository"),
        ("{sandbox}/github/acme/greeter/etc", "something that no repository has"),
        ("{sandbox}/github/acme_/greeter", "cannot be an owner"),
        ("{sandbox}/github/acme/a%20b", "cannot be a repository's name"),
    ],
)
def test_an_address_that_is_none(world: World, pasted: str, says: str) -> None:
    refused = world.refused(pasted.replace("{sandbox}", world.sandbox.url))
    assert refused.kind == "address"
    assert says in refused.says
    assert "secret" not in refused.says
    assert not world.asked(), "nobody is asked about an address that is none"


def test_where_people_stumble_is_recorded(world: World) -> None:
    world.refused("https://gitlab.example/acme/greeter")
    event = Event.objects.get(type="onramp.address.refused")
    assert (event.person, event.data["kind"]) == ("alice", "address")


def test_each_form_of_an_address_is_the_same_repository(world: World) -> None:
    for form in ("acme/greeter", "{}/acme/greeter.git", "{}/ACME/greeter/tree/main/test", "git clone {}/acme/greeter"):
        look = world.look(form.format(f"{world.sandbox.url}/github"))
        assert look.facts.full_name == "acme/greeter"


def test_a_repository_that_is_not_there(world: World) -> None:
    assert world.refused(world.url("acme/nothing")).kind == "no-access"


def test_a_private_repository_without_access_looks_the_same(world: World) -> None:
    assert world.refused(world.url("acme/vault")).kind == "no-access"
    assert world.refused(world.url("acme/vault"), world.cast.pat).kind == "no-access"


def test_a_repository_that_one_may_only_read(world: World) -> None:
    refused = world.refused(world.url("acme/greeter"), world.cast.charlie)
    assert refused.kind == "no-right"
    assert "acme/greeter" in refused.says


def test_an_empty_repository(world: World) -> None:
    world.github("POST", "/orgs/acme/repos", {"name": "hollow"})
    refused = world.refused(world.url("acme/hollow"))
    assert (refused.kind, "Push a first commit" in refused.says) == ("empty", True)


def test_a_default_branch_that_nobody_pushed(world: World) -> None:
    world.github("POST", "/orgs/acme/repos", {"name": "headless"})
    world.push("headless", SERVICE, branch="main")
    world.github(
        "POST", "/repos/acme/headless/git/refs", {"ref": "refs/heads/other", "sha": world.push("headless", {})}
    )
    world.sandbox.fault("error-before", "/github/api/v3/repos/acme/headless/branches/main", status=404)
    refused = world.refused(world.url("acme/headless"))
    assert refused.kind == "no-default-branch"
    assert "main" in refused.says


def test_a_repository_without_files(world: World) -> None:
    world.push("bare", {})
    refused = world.refused(world.url("acme/bare"))
    assert (refused.kind, "holds no files" in refused.says) == ("empty", True)


def test_manifests_that_are_no_text(world: World) -> None:
    world.push("latin", {**SERVICE, "requirements.txt": b"caf\xe9==1\n", "Procfile": b"web: python app.py\n"})
    content = world.content("acme/latin")
    assert "requirements.txt is not UTF-8 text and was not read." in content.warnings


def test_a_manifest_that_alone_decides_but_is_no_text_leaves_an_honest_unknown(world: World) -> None:
    world.push("garbled", {"package.json": b"\xff\xfe{\x00}\x00"})
    content = world.content("acme/garbled")
    assert "package.json is not UTF-8 text and was not read." in content.warnings
    assert content.unknown
    assert not content.can_start


def test_a_manifest_that_is_too_large(world: World) -> None:
    world.push("swollen", {**SERVICE, "requirements.txt": "# padding\n" * 110_000})
    content = world.content("acme/swollen")
    assert [one for one in content.warnings if one.startswith("requirements.txt is larger than 1,000 kB")]
    assert not [one for one in world.asked() if "git/blobs" in one["path"] and one["milliseconds"] > 5_000]


def test_more_files_than_the_host_lists(world: World) -> None:
    """GitHub lists 100,000 at most: what lies behind them is found in its own folder, and nothing else is asked for."""
    world.push("endless", {"page/0000": "one line\n", **{f"service/{name}": text for name, text in SERVICE.items()}})
    checkout = world.folder / "endless"

    def tree(*lines: str) -> str:
        return git(checkout, "mktree", given="\n".join(lines))

    page = git(checkout, "rev-parse", "HEAD:page/0000")
    thousand = tree(*(f"100644 blob {page}\t{number:04}" for number in range(1000)))
    pages = tree(*(f"040000 tree {thousand}\t{number:03}" for number in range(101)))
    service = git(checkout, "rev-parse", "HEAD:service")
    everything = tree(f"040000 tree {pages}\tpages", f"040000 tree {service}\tservice")
    git(checkout, "reset", "-q", "--soft", git(checkout, "commit-tree", everything, "-p", "HEAD", "-m", "Endless"))
    world.push_head("endless")
    content = world.content("acme/endless")
    assert [(one.root, one.language) for one in content.components] == [("service", "Python")]
    (said,) = (one for one in content.warnings if one.startswith("The source host lists only a part"))
    assert said.endswith("Nothing that would be deployed is missing.")
    asked = [one for one in world.asked() if "/git/trees/" in one["path"]]
    assert len(asked) == 6, "all, the top, pages with the two that were not listed to their end, and service"


def test_a_symlink_is_not_followed(world: World) -> None:
    world.push(
        "linked", {"app.py": "port = 8080\n", "requirements.txt": Path("/etc/passwd"), "Procfile": Path("app.py")}
    )
    content = world.content("acme/linked")
    assert "root:" not in content.model_dump_json()
    assert not [because for one in content.components for because in one.evidence if because.path == "Procfile"]


@pytest.mark.parametrize("kind", ["error-before", "reset-before", "invalid-json", "half-body"])
def test_a_source_host_that_is_down(world: World, kind: str) -> None:
    world.sandbox.fault(kind, "/github")
    refused = world.refused(world.url("acme/greeter"))
    assert refused.kind == "source-down"
    assert "Try again" in refused.says


def test_a_source_host_that_goes_down_in_the_middle(world: World) -> None:
    world.sandbox.fault("error-before", "/github/api/v3/repos/acme/greeter/git")
    assert world.refused(world.url("acme/greeter")).kind == "provider"


def test_a_cluster_that_is_down(world: World) -> None:
    world.sandbox.fault("error-before", "/kubernetes")
    refused = world.refused(world.url("acme/greeter"))
    assert refused.kind == "provider"
    assert "The cluster" in refused.says


def test_credentials_that_are_refused(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORTAL_SOURCE_GITHUB_TOKEN", "expired-long-ago")
    providers.provider.cache_clear()
    refused = world.refused(world.url("acme/greeter"))
    assert refused.kind == "credentials"
    assert "expired-long-ago" not in refused.says


def test_somebody_on_no_team(world: World) -> None:
    world.cast.storefront.memberships.all().delete()
    assert world.refused(world.url("acme/orphan")).kind == "no-team"


def test_an_organisation_without_a_target(world: World) -> None:
    world.cast.target.delete()
    assert world.refused(world.url("acme/greeter")).kind == "no-target"

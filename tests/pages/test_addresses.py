"""From the pasted URL through the plan to the started run, over HTTP against the sandbox."""

import html
import re
import subprocess
from pathlib import Path

import pytest
from django.test import Client

from events.models import Event
from onboarding.models import Onboarding, Plan
from tests.conftest import Cast
from tests.sandbox.process import Sandbox

FRAGMENT = {"HX-Request": "true"}


def words(content: bytes) -> str:
    """The text of a page without its tags."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", content.decode())).split())


def planned(client: Client, address: str = "acme/parcel-tracker") -> Plan:
    answer = client.post("/plans/", {"address": address})
    assert answer.status_code == 302, words(answer.content)
    return Plan.objects.get(pk=answer["Location"].strip("/").split("/")[-1])


def test_the_check_says_what_the_url_refers_to(acme: Sandbox, alice: Client) -> None:
    answer = alice.post("/addresses/", {"address": f"{acme.url}/github/acme/parcel-tracker.git"}, headers=FRAGMENT)
    text = words(answer.content)
    assert answer.status_code == 200
    assert "acme/parcel-tracker" in text
    assert "You and Onramp both have write access." in text
    assert "<html" not in answer.content.decode()


def test_without_a_script_the_check_is_a_whole_page(acme: Sandbox, alice: Client) -> None:
    content = alice.post("/addresses/", {"address": "acme/parcel-tracker"}).content.decode()
    assert "<html" in content
    assert 'value="acme/parcel-tracker"' in content


@pytest.mark.parametrize(
    ("pasted", "message"),
    [
        ("https://gitlab.com/x/y", "is not connected to this host"),
        ("acme/no-such-thing", "There is no repository acme/no-such-thing"),
        ("acme/vault", "There is no repository acme/vault"),
        ("--upload-pack=touch", "dash"),
        ("<script>alert(1)</script>", "is not a valid owner"),
        ("https://me:secret@github.com/a/b", "contains a user name or a password"),
    ],
)
def test_an_invalid_url_is_rejected_with_a_sentence(acme: Sandbox, alice: Client, pasted: str, message: str) -> None:
    for path in ("/addresses/", "/plans/"):
        answer = alice.post(path, {"address": pasted}, headers=FRAGMENT if path == "/addresses/" else {})
        assert message in words(answer.content)
        assert "<script>alert" not in answer.content.decode()
    assert Plan.objects.count() == 0


def test_an_empty_field_shows_nothing(acme: Sandbox, alice: Client) -> None:
    assert alice.post("/addresses/", {"address": "  "}, headers=FRAGMENT).content.strip() == b""


def test_a_private_repository_is_visible_to_the_team_that_can_read_it(acme: Sandbox, charlie: Client) -> None:
    assert "acme/vault" in words(charlie.post("/addresses/", {"address": "acme/vault"}, headers=FRAGMENT).content)


def test_a_plan_shows_everything_and_changes_nothing(acme: Sandbox, alice: Client) -> None:
    acme.forget_requests()
    plan = planned(alice)
    text = words(alice.get(f"/plans/{plan.pk}/").content)
    for expected in (
        "Nothing has been done yet",
        "Storefront will own them",
        ".github/workflows/onramp.yml",
        "NetworkPolicy",
        "One commit on the branch",
        "checked offline",
        "Why we think so",
    ):
        assert expected in text, expected
    changes = [request for request in acme.requests() if request["method"] not in ("GET", "HEAD")]
    assert [each["path"] for each in changes if "dryRun" not in each["query"] and "reviews" not in each["path"]] == []


def test_the_diff_on_the_page_is_the_file_of_the_plan(acme: Sandbox, alice: Client) -> None:
    plan = planned(alice)
    page = alice.get(f"/plans/{plan.pk}/").content.decode()
    text = next(file["text"] for file in plan.content["files"] if file["path"] == "Dockerfile")
    block = page[page.index('aria-label="Changes of Dockerfile"') :].split("</pre>")[0]
    shown = re.findall(r'class="diff-add"><span class="sign">\+</span>(.*?)\n</span>', block, re.DOTALL)
    assert len(shown) == len(text.splitlines())
    assert shown[0] == text.splitlines()[0]


def test_an_edit_creates_a_new_plan_and_is_saved(acme: Sandbox, alice: Client) -> None:
    before = planned(alice)
    name = before.content["components"][0]["name"]
    form = {"edits": str(before.pk), f"included-{name}": "on", f"port-{name}": "9999", f"health-{name}": "/up"}
    first = Plan.objects.get(pk=alice.post("/plans/", form)["Location"].strip("/").split("/")[-1])
    assert (first.content["components"][0]["port"], first.content["components"][0]["health_path"]) == (9999, "/up")
    form = {"edits": str(first.pk), f"included-{name}": "on", f"port-{name}": "9999", f"health-{name}": "/other"}
    second = Plan.objects.get(pk=alice.post("/plans/", form)["Location"].strip("/").split("/")[-1])
    assert (second.content["components"][0]["port"], second.content["components"][0]["health_path"]) == (9999, "/other")
    assert second.digest != before.digest


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("port", "70000", "a port is a number"),
        ("port", "٣", "a port is a number"),
        ("health", "up", "must begin with a slash"),
        ("start", "python 'x", "quotation mark"),
    ],
)
def test_an_invalid_edit_is_explained(acme: Sandbox, alice: Client, field: str, value: str, message: str) -> None:
    plan = planned(alice)
    name = plan.content["components"][0]["name"]
    answer = alice.post(
        "/plans/", {"edits": str(plan.pk), f"included-{name}": "on", f"{field}-{name}": value}, follow=True
    )
    assert message in words(answer.content)
    assert Plan.objects.count() == 1


def test_a_component_can_be_excluded(acme: Sandbox, alice: Client) -> None:
    plan = planned(alice, "acme/shop")
    names = [component["name"] for component in plan.content["components"]]
    assert len(names) == 3
    form = {"edits": str(plan.pk)} | {f"included-{name}": "on" for name in names[1:]}
    edited = Plan.objects.get(pk=alice.post("/plans/", form)["Location"].strip("/").split("/")[-1])
    assert [component["included"] for component in edited.content["components"]] == [False, True, True]


def test_an_unidentified_repository_lists_the_checked_files(acme: Sandbox, alice: Client) -> None:
    page = alice.get(f"/plans/{planned(alice, 'acme/attic').pk}/")
    text = words(page.content)
    assert "We could not identify this repository" in text
    assert "We checked these files" in text
    assert "Dockerfile" in text
    assert 'id="start"' not in page.content.decode()


@pytest.mark.fault(5, "two clicks", "two people")
def test_two_clicks_by_two_people_start_one_run(acme: Sandbox, alice: Client, bob: Client) -> None:
    plan = planned(alice)
    form = {"plan": plan.pk, "digest": plan.digest}
    locations = {client.post("/onboardings/", form)["Location"] for client in (alice, alice, bob)}
    assert len(locations) == 1
    assert Onboarding.objects.count() == 1
    page = alice.get(f"/plans/{plan.pk}/").content
    assert "alice started this plan just now" in words(page)
    assert "Nothing has been done" not in words(page)
    assert 'id="start"' not in page.decode()
    assert "being onboarded right now" in words(alice.get(f"/plans/{planned(alice).pk}/").content)


def test_another_digest_starts_nothing_and_shows_the_current_plan(acme: Sandbox, alice: Client) -> None:
    plan = planned(alice)
    answer = alice.post("/onboardings/", {"plan": plan.pk, "digest": "0" * 64}, follow=True)
    assert "This is not the plan that was shown" in words(answer.content)
    assert Onboarding.objects.count() == 0


def test_a_repository_that_moved_shows_the_current_plan(acme: Sandbox, alice: Client, tmp_path: Path) -> None:
    plan = planned(alice, "acme/price-feed")
    _push(acme, tmp_path / "clone")
    answer = alice.post("/onboardings/", {"plan": plan.pk, "digest": plan.digest}, follow=True)
    assert "moved from" in words(answer.content)
    assert Onboarding.objects.count() == 0
    assert Plan.objects.exclude(pk=plan.pk).get().head != plan.head


def _push(acme: Sandbox, folder: Path) -> None:
    """Another commit on the default branch, as somebody else would push it."""
    author = ["-c", "user.name=Bob", "-c", "user.email=bob@acme.example"]
    url = acme.url.replace("//", "//bob:bob@") + "/github/acme/price-feed.git"
    for command in (
        ["clone", "--quiet", url, str(folder)],
        ["-C", str(folder), *author, "commit", "--quiet", "--allow-empty", "--message", "Later"],
        ["-C", str(folder), "push", "--quiet"],
    ):
        subprocess.run(["git", *command], check=True, capture_output=True, timeout=60)


def test_leaving_a_plan_is_recorded(acme: Sandbox, alice: Client) -> None:
    plan = planned(alice)
    assert alice.post(f"/plans/{plan.pk}/departures/")["Location"] == "/"
    assert Event.objects.filter(type="onramp.plan.left").count() == 1


def test_the_check_links_to_an_active_run(acme: Sandbox, cast: Cast, alice: Client) -> None:
    plan = planned(alice)
    location = alice.post("/onboardings/", {"plan": plan.pk, "digest": plan.digest})["Location"]
    answer = alice.post("/addresses/", {"address": "acme/parcel-tracker"}, headers=FRAGMENT)
    assert location in answer.content.decode()

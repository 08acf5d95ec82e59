"""From the pasted address over the plan to the started run, against the sandbox's real HTTP."""

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
    """The text of an answer without its tags."""
    return " ".join(re.sub(r"<[^>]+>", " ", content.decode()).split())


def planned(client: Client, address: str = "acme/parcel-tracker") -> Plan:
    answer = client.post("/plans/", {"address": address})
    assert answer.status_code == 302, words(answer.content)
    return Plan.objects.get(pk=answer["Location"].strip("/").split("/")[-1])


def test_the_check_says_what_was_understood(acme: Sandbox, alice: Client) -> None:
    answer = alice.post("/addresses/", {"address": f"{acme.url}/github/acme/parcel-tracker.git"}, headers=FRAGMENT)
    said = words(answer.content)
    assert answer.status_code == 200
    assert "acme/parcel-tracker" in said
    assert "You and Onramp may read it and write to it." in said
    assert "<html" not in answer.content.decode()


def test_without_a_script_the_check_is_a_whole_page(acme: Sandbox, alice: Client) -> None:
    content = alice.post("/addresses/", {"address": "acme/parcel-tracker"}).content.decode()
    assert "<html" in content
    assert 'value="acme/parcel-tracker"' in content


@pytest.mark.parametrize(
    ("pasted", "says"),
    [
        ("https://gitlab.com/x/y", "does not know the host"),
        ("acme/no-such-thing", "There is no repository acme/no-such-thing"),
        ("acme/vault", "There is no repository acme/vault"),
        ("--upload-pack=touch", "dash"),
        ("<script>alert(1)</script>", "cannot be an owner"),
        ("https://me:secret@github.com/a/b", "carries a user name or a password"),
    ],
)
def test_an_address_that_is_none_is_answered_with_a_sentence(
    acme: Sandbox, alice: Client, pasted: str, says: str
) -> None:
    for path in ("/addresses/", "/plans/"):
        answer = alice.post(path, {"address": pasted}, headers=FRAGMENT if path == "/addresses/" else {})
        assert says in words(answer.content)
        assert "<script>alert" not in answer.content.decode()
    assert Plan.objects.count() == 0


def test_nothing_typed_yet_says_nothing(acme: Sandbox, alice: Client) -> None:
    assert alice.post("/addresses/", {"address": "  "}, headers=FRAGMENT).content.strip() == b""


def test_what_another_team_may_read_is_no_secret_to_it(acme: Sandbox, charlie: Client) -> None:
    assert "acme/vault" in words(charlie.post("/addresses/", {"address": "acme/vault"}, headers=FRAGMENT).content)


def test_a_plan_shows_everything_and_changes_nothing(acme: Sandbox, alice: Client) -> None:
    acme.forget_requests()
    plan = planned(alice)
    page = words(alice.get(f"/plans/{plan.pk}/").content)
    for expected in (
        "Nothing has been done yet",
        "Storefront will own it",
        ".github/workflows/onramp.yml",
        "NetworkPolicy",
        "one commit of",
        "checked offline",
        "Why we think so",
    ):
        assert expected in page, expected
    free = [one for one in acme.requests() if one["method"] not in ("GET", "HEAD")]
    assert [one["path"] for one in free if "dryRun" not in one["query"] and "reviews" not in one["path"]] == []


def test_the_diff_on_the_page_is_the_file_of_the_plan(acme: Sandbox, alice: Client) -> None:
    plan = planned(alice)
    page = alice.get(f"/plans/{plan.pk}/").content.decode()
    text = next(one["text"] for one in plan.content["files"] if one["path"] == "Dockerfile")
    block = page[page.index('aria-label="Changes of Dockerfile"') :].split("</pre>")[0]
    shown = re.findall(r'class="diff-add"><span class="sign">\+</span>(.*?)\n</span>', block, re.DOTALL)
    assert len(shown) == len(text.splitlines())
    assert shown[0] == text.splitlines()[0]


def test_a_correction_gives_a_new_plan_and_is_kept(acme: Sandbox, alice: Client) -> None:
    before = planned(alice)
    name = before.content["components"][0]["name"]
    given = {"corrects": str(before.pk), f"included-{name}": "on", f"port-{name}": "9999", f"health-{name}": "/up"}
    first = Plan.objects.get(pk=alice.post("/plans/", given)["Location"].strip("/").split("/")[-1])
    assert (first.content["components"][0]["port"], first.content["components"][0]["health_path"]) == (9999, "/up")
    again = {"corrects": str(first.pk), f"included-{name}": "on", f"port-{name}": "9999", f"health-{name}": "/other"}
    second = Plan.objects.get(pk=alice.post("/plans/", again)["Location"].strip("/").split("/")[-1])
    assert (second.content["components"][0]["port"], second.content["components"][0]["health_path"]) == (9999, "/other")
    assert second.digest != before.digest


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("port", "70000", "a port is a number"),
        ("port", "٣", "a port is a number"),
        ("health", "up", "begins with a slash"),
        ("start", "python 'x", "quotation mark"),
    ],
)
def test_a_correction_that_is_none_is_said(acme: Sandbox, alice: Client, field: str, value: str, says: str) -> None:
    plan = planned(alice)
    name = plan.content["components"][0]["name"]
    answer = alice.post(
        "/plans/", {"corrects": str(plan.pk), f"included-{name}": "on", f"{field}-{name}": value}, follow=True
    )
    assert says in words(answer.content)
    assert Plan.objects.count() == 1


def test_a_component_can_be_left_out(acme: Sandbox, alice: Client) -> None:
    plan = planned(alice, "acme/shop")
    names = [one["name"] for one in plan.content["components"]]
    assert len(names) == 3
    given = {"corrects": str(plan.pk)} | {f"included-{name}": "on" for name in names[1:]}
    made = Plan.objects.get(pk=alice.post("/plans/", given)["Location"].strip("/").split("/")[-1])
    assert [one["included"] for one in made.content["components"]] == [False, True, True]


def test_what_nobody_can_identify_says_what_was_looked_at(acme: Sandbox, alice: Client) -> None:
    page = alice.get(f"/plans/{planned(alice, 'acme/attic').pk}/")
    said = words(page.content)
    assert "This was looked at" in said
    assert "Dockerfile" in said
    assert 'id="start"' not in page.content.decode()


@pytest.mark.fault(5, "two clicks", "two people")
def test_two_clicks_and_two_people_make_one_run(acme: Sandbox, alice: Client, bob: Client) -> None:
    plan = planned(alice)
    given = {"plan": plan.pk, "digest": plan.digest}
    places = {client.post("/onboardings/", given)["Location"] for client in (alice, alice, bob)}
    assert len(places) == 1
    assert Onboarding.objects.count() == 1
    assert "being onboarded right now" in words(alice.get(f"/plans/{plan.pk}/").content)


def test_another_digest_starts_nothing_and_shows_the_plan_anew(acme: Sandbox, alice: Client) -> None:
    plan = planned(alice)
    answer = alice.post("/onboardings/", {"plan": plan.pk, "digest": "0" * 64}, follow=True)
    assert "This is not the plan that was shown" in words(answer.content)
    assert Onboarding.objects.count() == 0


def test_a_repository_that_moved_shows_the_plan_anew(acme: Sandbox, alice: Client, tmp_path: Path) -> None:
    plan = planned(alice, "acme/price-feed")
    _push(acme, tmp_path / "clone")
    answer = alice.post("/onboardings/", {"plan": plan.pk, "digest": plan.digest}, follow=True)
    assert "moved from" in words(answer.content)
    assert Onboarding.objects.count() == 0
    assert Plan.objects.exclude(pk=plan.pk).get().head != plan.head


def _push(acme: Sandbox, folder: Path) -> None:
    """A further commit on the default branch, as somebody else would push it."""
    who = ["-c", "user.name=Bob", "-c", "user.email=bob@acme.example"]
    url = acme.url.replace("//", "//bob:bob@") + "/github/acme/price-feed.git"
    for command in (
        ["clone", "--quiet", url, str(folder)],
        ["-C", str(folder), *who, "commit", "--quiet", "--allow-empty", "--message", "Later"],
        ["-C", str(folder), "push", "--quiet"],
    ):
        subprocess.run(["git", *command], check=True, capture_output=True, timeout=60)


def test_leaving_a_plan_is_noted(acme: Sandbox, alice: Client) -> None:
    plan = planned(alice)
    assert alice.post(f"/plans/{plan.pk}/departures/")["Location"] == "/"
    assert Event.objects.filter(type="onramp.plan.left").count() == 1


def test_what_is_running_already_is_linked_from_the_check(acme: Sandbox, cast: Cast, alice: Client) -> None:
    plan = planned(alice)
    place = alice.post("/onboardings/", {"plan": plan.pk, "digest": plan.digest})["Location"]
    answer = alice.post("/addresses/", {"address": "acme/parcel-tracker"}, headers=FRAGMENT)
    assert place in answer.content.decode()

"""Every page in light and dark, at 320, 360 and 1280 pixels: nothing that axe finds, nothing that overflows."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from catalog.models import ApiToken, Axis, Health, Person
from onboarding import actions
from onboarding.content import Clash, PlannedOther, PlannedSetting
from onboarding.engine.outcomes import Done, Failure, Outcome, Wait
from onboarding.engine.work import Work
from onboarding.models import Move, Onboarding, StepState
from tests.browser.conftest import Visitor
from tests.conftest import Cast
from tests.pages import rows

pytestmark = pytest.mark.django_db(transaction=True)
WIDTHS = (320, 360, 1280)


def _fail(_: Work) -> Outcome:
    raise Failure("The pipeline would not be allowed to apply Ingress", detail="access review\n" * 20)


def _home(cast: Cast) -> str:
    rows.play(rows.onboarding(cast, "broken"), "access", _fail)
    rows.finish(rows.onboarding(cast, "finished"))
    return "/"


def _plan(cast: Cast) -> str:
    made = rows.plan(
        cast,
        foreseen=[rows.foreseen()],
        warnings=["big.json is larger than 1,000 kB and was not read."],
        components=[rows.component("web"), rows.component("worker", included=False)],
    )
    return f"/plans/{made.pk}/"


def _unknown(cast: Cast) -> str:
    made = rows.plan(
        cast, components=[], files=[], objects=[], unknown="No file says how to start it.", looked_at=["Makefile"]
    )
    return f"/plans/{made.pk}/"


def _met(cast: Cast) -> str:
    """Two files at one path, something that is left out, values to be entered."""
    diff = "--- a/x\n+++ b/x\n@@ -1 +1 @@\n-kind: Service\n+kind: Service # ours\n"
    left = PlannedOther(
        name="ui", root="packages/ui", language="TypeScript", framework="", why="it is a library", can=""
    )
    setting = PlannedSetting(
        name="PAYMENT_PROVIDER_ACCESS_TOKEN",
        default=None,
        secret=True,
        path="app/pay.py",
        line=3,
        required=True,
        asked=True,
    )
    web = rows.component("web").model_copy(update={"settings": [setting], "needs": ["postgresql"]})
    clash = Clash(path="deploy/web/service.yaml", diff=diff)
    return f"/plans/{rows.plan(cast, components=[web], others=[left], clashes=[clash]).pk}/"


def _settings(cast: Cast) -> str:
    return f"/onboardings/{rows.onboarding(cast).pk}/settings/"


def _blocked(cast: Cast) -> str:
    row = rows.onboarding(cast)
    blocker = rows.block(cast, row)
    rows.ticket(blocker)
    rows.comment(blocker, "Looking at it.")
    return f"/onboardings/{row.pk}/"


def _waiting(cast: Cast) -> str:
    row = rows.onboarding(cast)
    rows.until(row, "merge")
    rows.play(row, "merge", Wait("Look at pull request #7 and merge it.", 30, Move.TEAM, [("#7", "http://x/7")]))
    return f"/onboardings/{row.pk}/"


def _failed(cast: Cast) -> str:
    row = rows.onboarding(cast)
    rows.play(row, "access", _fail)
    return f"/onboardings/{row.pk}/"


def _finished(cast: Cast) -> str:
    return f"/onboardings/{rows.finish(rows.onboarding(cast)).pk}/"


def _cancellation(cast: Cast) -> str:
    return f"{_waiting(cast)}cancellation/"


def _repetition(cast: Cast) -> str:
    return f"{_waiting(cast)}repetitions/?step=access"


def _undo(cast: Cast) -> str:
    row = _left(cast)
    actions.cancel(cast.alice, row)
    return f"/onboardings/{row.pk}/undo/"


def _undone(cast: Cast) -> str:
    row = _left(cast)
    actions.cancel(cast.alice, row, undone=True)
    step = row.undos.get().run.steps.get(name="proposal")
    why = "somebody pushed to it (1234567): deleting it would lose their work"
    step.result = {"left": [["branch", "acme/parcel-tracker:onramp/onboard-0123456", why]]}
    step.state, step.reason = StepState.DONE, "Taken back: pull request acme/parcel-tracker:onramp/onboard-0123456."
    step.save()
    row.undos.get().run.steps.filter(name="room").update(state=StepState.FAILED, reason="The cluster refuses")
    return f"/onboardings/{row.pk}/"


def _left(cast: Cast) -> Onboarding:
    """A run that made something."""
    row = rows.onboarding(cast)

    def make(work: Work) -> Outcome:
        work.ensure("webhook", "acme/parcel-tracker → here", make=lambda: rows.made("http://127.0.0.1:8801/hook"))
        return Done("done")

    rows.play(row, "access", make)
    return row


def _list(cast: Cast) -> str:
    _home(cast)
    return "/onboardings/"


def _queue(cast: Cast) -> str:
    _blocked(cast)
    return "/queue/"


def _team(cast: Cast) -> str:
    for name, health in {"shop": Health.BAD, "greeter": Health.GOOD}.items():
        row = rows.finish(rows.onboarding(cast, name)).repository.applications.get()
        for axis in (Axis.BUILD, Axis.DELIVERY):
            cause = "“test” fails in job “test”" if health == Health.BAD else ""
            rows.seen(row, axis, health, cause)
    return "/teams/storefront/"


def _tokens(cast: Cast) -> str:
    ApiToken.issue(cast.alice, "a script with quite a long name")
    return "/people/me/tokens/"


PAGES: dict[str, tuple[str, Callable[[Cast], str]]] = {
    "sign-in": ("", lambda _: "/sign-in/"),
    "empty home": ("alice", lambda _: "/"),
    "home": ("alice", _home),
    "plan": ("alice", _plan),
    "plan of something unknown": ("alice", _unknown),
    "plan with a question": ("alice", _met),
    "values": ("alice", _settings),
    "run blocked": ("alice", _blocked),
    "run waiting": ("alice", _waiting),
    "run failed": ("alice", _failed),
    "run finished": ("alice", _finished),
    "cancellation": ("alice", _cancellation),
    "repetition": ("alice", _repetition),
    "undo": ("alice", _undo),
    "undone": ("alice", _undone),
    "onboardings": ("alice", _list),
    "empty queue": ("pat", lambda _: "/queue/"),
    "queue": ("pat", _queue),
    "teams": ("pat", lambda _: "/teams/"),
    "empty team": ("alice", lambda _: "/teams/storefront/"),
    "team": ("alice", _team),
    "tokens": ("alice", _tokens),
}


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_sound_in_every_light_and_at_every_width(
    name: str, cast: Cast, visitor: Visitor, axe: Callable[[Page], list[str]]
) -> None:
    login, make = PAGES[name]
    person: Person | None = getattr(cast, login) if login else None
    page = visitor.open(person, make(cast))
    page.evaluate("document.querySelectorAll('details:not(.menu)').forEach(one => { one.open = true; })")
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            assert axe(page) == [], (scheme, width)
            assert page.evaluate("document.documentElement.scrollWidth") <= width, (scheme, width)


@pytest.mark.parametrize("path", ["/nothing/", "/queue/"])
def test_the_pages_of_what_went_wrong_are_sound(
    path: str, cast: Cast, visitor: Visitor, axe: Callable[[Page], list[str]]
) -> None:
    page = visitor.open(cast.alice, path)
    assert axe(page) == []
    assert all("Failed to load resource" in one for one in visitor.complaints)
    visitor.complaints.clear()

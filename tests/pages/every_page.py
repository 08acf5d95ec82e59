"""Every page in every state worth looking at: its name, who opens it, and a function that creates its rows and returns its path."""

from collections.abc import Callable

from catalog.models import ApiToken, Axis, Health
from engine.context import Work
from engine.models import Move, StepState
from engine.outcomes import Done, Failure, Outcome, Wait
from onboarding.actions import onboardings
from onboarding.models import Onboarding
from onboarding.plans.content import ExcludedComponent, FileConflict, PlannedSetting
from tests.conftest import Cast
from tests.pages import rows


def _fail(_: Work) -> Outcome:
    raise Failure("The pipeline would not be allowed to apply Ingress", detail="access review\n" * 20)


def _home(cast: Cast) -> str:
    rows.execute(rows.onboarding(cast, "broken"), "access", _fail)
    rows.onboarding(cast, "in-progress")
    rows.finish(rows.onboarding(cast, "finished"))
    return "/"


def _plan(cast: Cast) -> str:
    plan = rows.plan(
        cast,
        predicted_blockers=[rows.predicted_blocker()],
        warnings=["big.json is larger than 1,000 kB and was not read."],
        components=[rows.component("web"), rows.component("worker", included=False)],
    )
    return f"/plans/{plan.pk}/"


def _plan_of_unknown(cast: Cast) -> str:
    plan = rows.plan(
        cast, components=[], files=[], objects=[], unknown="No file says how to start it.", looked_at=["Makefile"]
    )
    return f"/plans/{plan.pk}/"


def _plan_without_files(cast: Cast) -> str:
    return f"/plans/{rows.plan(cast, files=[]).pk}/"


def _plan_with_conflict(cast: Cast) -> str:
    """Two files at one path, an excluded component, a required value."""
    diff = "--- a/x\n+++ b/x\n@@ -1 +1 @@\n-kind: Service\n+kind: Service # ours\n"
    library = ExcludedComponent(
        name="ui", root="packages/ui", language="TypeScript", framework="", reason="it is a library", remedy=""
    )
    setting = PlannedSetting(
        name="PAYMENT_PROVIDER_ACCESS_TOKEN",
        default=None,
        secret=True,
        path="app/pay.py",
        line=3,
        required=True,
        seems_required=True,
    )
    web = rows.component("web").model_copy(update={"settings": [setting], "needs": ["postgresql"]})
    conflict = FileConflict(path="deploy/web/service.yaml", diff=diff)
    return f"/plans/{rows.plan(cast, components=[web], excluded=[library], conflicts=[conflict]).pk}/"


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
    rows.execute_until(row, "merge")
    wait = Wait("Review pull request #7 and merge it.", 30, Move.TEAM, [("#7", "http://127.0.0.1:8801/7")])
    rows.execute(row, "merge", wait)
    return f"/onboardings/{row.pk}/"


def _failed(cast: Cast) -> str:
    row = rows.onboarding(cast)
    rows.execute(row, "access", _fail)
    return f"/onboardings/{row.pk}/"


def _finished(cast: Cast) -> str:
    return f"/onboardings/{rows.finish(rows.onboarding(cast)).pk}/"


def _cancellation(cast: Cast) -> str:
    return f"{_waiting(cast)}cancellation/"


def _rerun(cast: Cast) -> str:
    return f"{_waiting(cast)}reruns/?step=access"


def _undo(cast: Cast) -> str:
    row = _with_webhook(cast)
    onboardings.cancel(cast.alice, row)
    return f"/onboardings/{row.pk}/undo/"


def _cancelled(cast: Cast) -> str:
    row = _with_webhook(cast)
    onboardings.cancel(cast.alice, row)
    return f"/onboardings/{row.pk}/"


def _undone(cast: Cast) -> str:
    row = _with_webhook(cast)
    onboardings.cancel(cast.alice, row, undo=True)
    step = row.undos.get().run.steps.get(name="proposal")
    reason = "somebody pushed to it (1234567): deleting it would lose their work"
    step.result = {"kept": [["branch", "acme/parcel-tracker:onramp/onboard-0123456", reason]]}
    step.state, step.reason = StepState.DONE, "Undone: pull request acme/parcel-tracker:onramp/onboard-0123456."
    step.save()
    row.undos.get().run.steps.filter(name="tenancy").update(state=StepState.FAILED, reason="The cluster refuses")
    return f"/onboardings/{row.pk}/"


def _with_webhook(cast: Cast) -> Onboarding:
    """A run that created something outside."""
    row = rows.onboarding(cast)

    def create(work: Work) -> Outcome:
        work.ensure("webhook", "acme/parcel-tracker → here", create=lambda: rows.made("http://127.0.0.1:8801/hook"))
        return Done("done")

    rows.execute(row, "access", create)
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
            rows.note_status(row, axis, health, cause)
    return "/teams/acme-storefront/"


def _tokens(cast: Cast) -> str:
    ApiToken.issue(cast.alice, "a script with quite a long name")
    return "/people/me/tokens/"


def _operations(cast: Cast) -> str:
    _blocked(cast)
    return "/operations/"


PAGES: dict[str, tuple[str, Callable[[Cast], str]]] = {
    "sign-in": ("", lambda _: "/sign-in/"),
    "empty home": ("alice", lambda _: "/"),
    "home": ("alice", _home),
    "plan": ("alice", _plan),
    "plan of an unidentified repository": ("alice", _plan_of_unknown),
    "plan without files": ("alice", _plan_without_files),
    "plan with a conflict": ("alice", _plan_with_conflict),
    "values": ("alice", _settings),
    "run blocked": ("alice", _blocked),
    "run waiting": ("alice", _waiting),
    "run failed": ("alice", _failed),
    "run finished": ("alice", _finished),
    "run cancelled": ("alice", _cancelled),
    "run undone": ("alice", _undone),
    "cancellation": ("alice", _cancellation),
    "re-run": ("alice", _rerun),
    "undo": ("alice", _undo),
    "onboardings": ("alice", _list),
    "empty queue": ("pat", lambda _: "/queue/"),
    "queue": ("pat", _queue),
    "operations": ("pat", _operations),
    "teams": ("pat", lambda _: "/teams/"),
    "empty team": ("alice", lambda _: "/teams/acme-storefront/"),
    "team": ("alice", _team),
    "tokens": ("alice", _tokens),
    "devices": ("alice", lambda _: "/people/me/devices/"),
}

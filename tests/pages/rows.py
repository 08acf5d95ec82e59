"""Rows for the pages to show, created as the product creates them: real plans, steps executed by the real engine."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone

from catalog.models import Application, Ownership, Person, Repository, Status
from engine import execution, interventions, registry, runs
from engine.context import Work
from engine.effects import Made
from engine.models import Attempt, Move, Run, RunState, Step, StepState
from engine.outcomes import Done, Outcome
from onboarding.blockers import lifecycle, namespace
from onboarding.models import Blocker, Onboarding, Plan, TicketComment
from onboarding.plans.content import (
    Change,
    Content,
    PlannedComponent,
    PlannedEvidence,
    PlannedFile,
    PlannedObject,
    PlannedSetting,
    PredictedBlocker,
)
from tenancy.allowance import Account, total
from tests.conftest import Cast

HOST = "http://127.0.0.1:8801/github"
WORKFLOW = "name: onramp\non:\n  push:\n    branches: [main]\njobs:\n  test:\n    runs-on: ubuntu-latest\n"
ORDER = [
    "access",
    "namespace",
    "pipeline",
    "delivery",
    "metrics",
    "logs",
    "pull_request",
    "build",
    "merge",
    "release",
    "deploy",
    "verification",
]
"""The steps in an order in which they can be executed."""


def component(name: str, port: int = 8080, *, included: bool = True) -> PlannedComponent:
    return PlannedComponent(
        name=name,
        root="",
        family="python",
        language="Python",
        version="3.11",
        framework="",
        start=["python", "tracker.py"],
        test=["python", "-m", "unittest"],
        port=port,
        health_path="/healthz",
        metrics_path="/metrics",
        confidence="certain",
        evidence=[
            PlannedEvidence(path="Procfile", line=1, message="web: python tracker.py"),
            PlannedEvidence(path="tracker.py", line=42, message="listens on PORT, 8080 by default"),
        ],
        settings=[PlannedSetting(name="CARRIER_TOKEN", default=None, secret=True, path="tracker.py")],
        address=f"http://{name}.acme-storefront.localhost:8801",
        demand={"pods": "3", "requests.cpu": "300m", "requests.memory": "384Mi"},
        included=included,
    )


def file(path: str, text: str, purpose: str) -> PlannedFile:
    diff = f"--- /dev/null\n+++ b/{path}\n@@ -0,0 +1,{len(text.splitlines())} @@\n"
    return PlannedFile(
        path=path, text=text, purpose=purpose, diff=diff + "".join(f"+{line}\n" for line in text.splitlines())
    )


def cluster_object(kind: str, name: str, change: Change = Change.CREATE) -> PlannedObject:
    manifest = {
        "apiVersion": "v1",
        "kind": kind,
        "metadata": {"name": name, "labels": {"onramp.dev/team": "acme-storefront"}},
    }
    return PlannedObject(
        kind=kind,
        name=name,
        namespace="acme-storefront",
        change=change,
        checked="checked offline: the namespace does not exist yet",
        manifest=manifest,
    )


def content(repository: Repository, **changes: object) -> Content:
    """The plan of a Python service; `changes` replace fields."""
    name = repository.name
    content = Content(
        repository=repository.full_name,
        head="4f6d1c3a9b8e7d6c5b4a39281706f5e4d3c2b1a0",
        tree="a" * 40,
        branch="onramp/onboard-4f6d1c3",
        default_branch="main",
        namespace="acme-storefront",
        providers={"source": "github"},
        corrections=[],
        components=[component(name)],
        unknown="",
        looked_at=[],
        files=[
            file(".github/workflows/onramp.yml", WORKFLOW, "tests, builds and deploys every push to main"),
            file("Dockerfile", "FROM python:3.11-slim\nCOPY . /app\n", "how the image is built"),
            file(f"deploy/{name}.yaml", "kind: Deployment\n", "what runs in the namespace"),
        ],
        conflicts=[],
        objects=[
            cluster_object("Namespace", "acme-storefront"),
            cluster_object("NetworkPolicy", "default-deny"),
            cluster_object("Deployment", name, Change.BY_PIPELINE),
        ],
        predicted_blockers=[],
        warnings=[],
        title=f"Onboard {name}",
        body="This adds a pipeline.",
        message=f"Onboard {name}",
    )
    return content.model_copy(update=changes)


def predicted_blocker() -> PredictedBlocker:
    return PredictedBlocker(
        kind="allowance",
        summary="The allowance of Storefront on production/local is used up",
        explanation="Storefront needs more than it was granted: requests.cpu: 300m requested, 900m in use, 1 granted.",
        owner=Move.PLATFORM,
        ticket=True,
    )


def repository(cast: Cast, name: str = "parcel-tracker") -> Repository:
    row, _ = Repository.objects.get_or_create(
        host=HOST,
        owner="acme",
        name=name,
        defaults={
            "external_id": name,
            "team": cast.storefront,
            "ownership": Ownership.CATALOG,
            "default_branch": "main",
        },
    )
    return row


def plan(cast: Cast, name: str = "parcel-tracker", **changes: object) -> Plan:
    row = repository(cast, name)
    planned = content(row, **changes)
    return Plan.objects.create(
        repository=row,
        person=cast.alice,
        team=cast.storefront,
        target=cast.target,
        head=planned.head,
        digest=planned.digest(),
        content=planned.model_dump(mode="json"),
    )


def onboarding(cast: Cast, name: str = "parcel-tracker", person: Person | None = None) -> Onboarding:
    """A run that has just started, with its application."""
    row = plan(cast, name)
    with transaction.atomic():
        run = runs.start("onboarding", topic=row.repository.topic, names=ORDER)
        onboarding = Onboarding.objects.create(
            run=run,
            repository=row.repository,
            plan=row,
            team=cast.storefront,
            person=person or cast.alice,
            agreed_by=cast.alice,
        )
        application(cast, name)
    return onboarding


def application(cast: Cast, name: str) -> Application:
    row, _ = Application.objects.get_or_create(
        team=cast.storefront,
        target=cast.target,
        name=name,
        removed_at=None,
        defaults={
            "repository": repository(cast, name),
            "demand": {"requests.cpu": "300m"},
            "address": f"http://{name}.acme-storefront.localhost:8801",
        },
    )
    return row


def execute(row: Onboarding, name: str, behaviour: Outcome | Callable[[Work], Outcome]) -> Step:
    """One execution of a step by the engine; it ends with this outcome, or with what this function returns or raises."""
    kind = registry.kind("onboarding", name)
    if row.run.steps.get(name=name).state == StepState.FAILED:
        interventions.retry(row.pk, name, person="somebody")
    Step.objects.filter(run=row.run, name=name).update(due_at=Now())
    perform = behaviour if callable(behaviour) else lambda _: behaviour
    registry.register("onboarding", [replace(kind, perform=perform)])
    try:
        assert execution.execute(row.run.steps.get(name=name).pk), f"{name} was not due"
    finally:
        registry.register("onboarding", [kind])
    return row.run.steps.get(name=name)


def made(url: str) -> Made:
    """An effect that a test created outside."""
    return Made({}, url)


def done(name: str) -> Callable[[Work], Outcome]:
    def perform(work: Work) -> Outcome:
        work.log(f"checked {name}")
        work.log("all good")
        return Done(f"The step {name} is done.", {}, [("Build", f"{HOST}/acme/shop/actions/runs/1")])

    return perform


def execute_until(row: Onboarding, last: str) -> None:
    """Finish every step before `last`."""
    for name in ORDER[: ORDER.index(last)]:
        execute(row, name, done(name))


def finish(row: Onboarding) -> Onboarding:
    execute_until(row, "verification")
    return finish_verification(row)


def finish_verification(row: Onboarding) -> Onboarding:
    """Its last step, and so the run."""
    name = row.repository.name
    address = f"http://{name}.acme-storefront.localhost:8801"
    links = [(f"{name}: address", address), (f"{name}: metrics", f"{address}/m"), (f"{name}: logs", f"{address}/l")]
    Application.objects.filter(repository=row.repository).update(onboarded_at=timezone.now())
    execute(row, "verification", Done("Onboarded.", {}, links))
    row.refresh_from_db()
    row.run.refresh_from_db()
    return row


def block(cast: Cast, row: Onboarding) -> Blocker:
    """The namespace step meets an allowance that is used up."""
    execute(row, "access", done("access"))
    granted, held, requested = (total([{"requests.cpu": amount}]) for amount in ("1", "900m", "300m"))
    account = Account(granted, held, requested)
    cause = namespace.allowance(cast.storefront, cast.target, account)
    step = execute(row, "namespace", lambda _: lifecycle.blocked(cause, detail=account.describe()))
    return Blocker.objects.get(pk=step.blocked_by_id)


def ticket(blocker: Blocker, key: str = "PLAT-1") -> None:
    """The ticket of the blocker, as the watch over it would have opened it."""
    Blocker.objects.filter(pk=blocker.pk).update(
        ticket_id="1001", ticket_key=key, ticket_url=f"http://127.0.0.1:8801/jira/browse/{key}"
    )
    blocker.refresh_from_db()
    with transaction.atomic():
        lifecycle.link_from_steps(blocker)


def comment(blocker: Blocker, body: str, number: int = 1) -> None:
    TicketComment.objects.create(
        blocker=blocker, external_id=str(number), author="Pat", body=body, at=timezone.now() - timedelta(minutes=2)
    )


def note_status(row: Application, axis: str, health: str, cause: str = "", url: str = "http://ci.example/1") -> None:
    """What the watch saw of one axis of an application."""
    with transaction.atomic():
        Status.note(row, axis, health, cause=cause, url=url)


def history(cast: Cast, minutes: list[int]) -> None:
    """Finished runs that took this many minutes each."""
    for number, took in enumerate(minutes):
        row = onboarding(cast, f"past-{number}")
        end = timezone.now() - timedelta(hours=number)
        Step.objects.filter(run=row.run).update(
            state=StepState.DONE, began_at=end - timedelta(minutes=took), ended_at=end
        )
        Run.objects.filter(pk=row.pk).update(
            state=RunState.DONE, created_at=end - timedelta(minutes=took), ended_at=end
        )
        Onboarding.objects.filter(pk=row.pk).update(active=False)


def append_log(step: Step, lines: int) -> None:
    """The step's latest attempt logs further lines."""
    attempt = Attempt.objects.filter(step=step).latest("number")
    begin = len(attempt.log.splitlines())
    attempt.log += "".join(f"10:00:{n % 60:02} line {begin + n} of the log\n" for n in range(lines))
    attempt.save(update_fields=["log"])
    with transaction.atomic():
        runs.touch(step.run)

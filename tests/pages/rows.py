"""Rows for the pages to show, made as the product makes them: real plans, real turns of the real engine."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone

from catalog.models import Application, Person, Repository, Status
from events.models import Event
from onboarding import blocking, causes_room, intervening, ticketing
from onboarding.allowance import Account, total
from onboarding.content import Because, Content, Foreseen, PlannedComponent, PlannedFile, PlannedObject, PlannedSetting
from onboarding.engine import progress, registry, work
from onboarding.engine.effects import Made
from onboarding.engine.outcomes import Done, Outcome
from onboarding.engine.work import Work
from onboarding.models import Attempt, Blocker, Onboarding, Plan, Run, RunState, Step, StepState, TicketComment
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
    "proof",
]
"""The steps in an order in which they can be played."""


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
        confidence="sure",
        evidence=[
            Because(path="Procfile", line=1, says="web: python tracker.py"),
            Because(path="tracker.py", line=42, says="listens on PORT, 8080 by default"),
        ],
        settings=[PlannedSetting(name="CARRIER_TOKEN", default=None, secret=True, path="tracker.py")],
        address=f"http://{name}.storefront.localhost:8801",
        demand={"pods": "3", "requests.cpu": "300m", "requests.memory": "384Mi"},
        included=included,
    )


def file(path: str, text: str, why: str) -> PlannedFile:
    diff = f"--- /dev/null\n+++ b/{path}\n@@ -0,0 +1,{len(text.splitlines())} @@\n"
    return PlannedFile(path=path, text=text, why=why, diff=diff + "".join(f"+{one}\n" for one in text.splitlines()))


def object_(kind: str, name: str, change: str = "new") -> PlannedObject:
    manifest = {
        "apiVersion": "v1",
        "kind": kind,
        "metadata": {"name": name, "labels": {"onramp.dev/team": "storefront"}},
    }
    return PlannedObject(
        kind=kind,
        name=name,
        namespace="storefront",
        change=change,
        checked="checked offline: the namespace does not exist yet",
        manifest=manifest,
    )


def content(repository: Repository, **changes: object) -> Content:
    """The plan of a Python service; `changes` replace fields."""
    name = repository.name
    made = Content(
        repository=repository.full_name,
        head="4f6d1c3a9b8e7d6c5b4a39281706f5e4d3c2b1a0",
        tree="a" * 40,
        branch="onramp/onboard-4f6d1c3",
        default_branch="main",
        namespace="storefront",
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
        clashes=[],
        objects=[
            object_("Namespace", "storefront"),
            object_("NetworkPolicy", "default-deny"),
            object_("Deployment", name, "by the pipeline"),
        ],
        foreseen=[],
        warnings=[],
        title=f"Onboard {name}",
        body="This adds a pipeline.",
        message=f"Onboard {name}",
    )
    return made.model_copy(update=changes)


def foreseen() -> Foreseen:
    return Foreseen(
        kind="allowance",
        summary="The allowance of Storefront on production/local is used up",
        explanation="Storefront needs more than it was granted: requests.cpu: 300m asked, 900m in use, 1 granted.",
        owner="platform",
        ticket=True,
    )


def repository(cast: Cast, name: str = "parcel-tracker") -> Repository:
    row, _ = Repository.objects.get_or_create(
        host=HOST, owner="acme", name=name, defaults={"team": cast.storefront, "default_branch": "main"}
    )
    return row


def plan(cast: Cast, name: str = "parcel-tracker", **changes: object) -> Plan:
    row = repository(cast, name)
    made = content(row, **changes)
    return Plan.objects.create(
        repository=row,
        person=cast.alice,
        team=cast.storefront,
        target=cast.target,
        head=made.head,
        digest=made.digest(),
        content=made.model_dump(mode="json"),
    )


def onboarding(cast: Cast, name: str = "parcel-tracker", person: Person | None = None) -> Onboarding:
    """A run that has just begun, with its application."""
    made = plan(cast, name)
    with transaction.atomic():
        run = progress.start("onboarding", topic=made.repository.topic, names=ORDER)
        row = Onboarding.objects.create(
            run=run, repository=made.repository, plan=made, team=cast.storefront, person=person or cast.alice
        )
        application(cast, name)
    return row


def application(cast: Cast, name: str) -> Application:
    row, _ = Application.objects.get_or_create(
        team=cast.storefront,
        target=cast.target,
        name=name,
        removed_at=None,
        defaults={
            "repository": repository(cast, name),
            "demand": {"requests.cpu": "300m"},
            "address": f"http://{name}.storefront.localhost:8801",
        },
    )
    return row


def play(row: Onboarding, name: str, behave: Outcome | Callable[[Work], Outcome]) -> Step:
    """One turn of a step by the engine, which ends as told (an outcome, or a function of the work)."""
    kind = registry.kind("onboarding", name)
    if row.run.steps.get(name=name).state == StepState.FAILED:
        intervening.retry(row.pk, name, person="somebody")
    Step.objects.filter(run=row.run, name=name).update(due_at=Now())
    registry.register("onboarding", [replace(kind, perform=behave if callable(behave) else lambda _: behave)])
    try:
        assert work.turn(row.run.steps.get(name=name).pk), f"{name} was not due"
    finally:
        registry.register("onboarding", [kind])
    return row.run.steps.get(name=name)


def made(url: str) -> Made:
    """What an effect of a test left outside."""
    return Made({}, url)


def done(name: str) -> Callable[[Work], Outcome]:
    def perform(given: Work) -> Outcome:
        given.log(f"looked at {name}")
        given.log("all is well")
        return Done(f"The step {name} is done.", {}, [("Build", f"{HOST}/acme/shop/actions/runs/1")])

    return perform


def until(row: Onboarding, last: str) -> None:
    """Play every step before `last` to its end."""
    for name in ORDER[: ORDER.index(last)]:
        play(row, name, done(name))


def finish(row: Onboarding) -> Onboarding:
    until(row, "proof")
    name = row.repository.name
    address = f"http://{name}.storefront.localhost:8801"
    links = [(f"{name}: address", address), (f"{name}: metrics", f"{address}/m"), (f"{name}: logs", f"{address}/l")]
    Application.objects.filter(repository=row.repository).update(onboarded_at=timezone.now())
    play(row, "proof", Done("Onboarded.", {}, links))
    row.refresh_from_db()
    row.run.refresh_from_db()
    return row


def block(cast: Cast, row: Onboarding) -> Blocker:
    """The namespace step meets an allowance that is used up."""
    play(row, "access", done("access"))
    granted, held, asked = (total([{"requests.cpu": amount}]) for amount in ("1", "900m", "300m"))
    account = Account(granted, held, asked)
    cause = causes_room.allowance(cast.storefront, cast.target, account)
    step = play(row, "namespace", lambda _: blocking.blocked(cause, detail=account.says()))
    assert step.blocker is not None
    return step.blocker


def ticket(blocker: Blocker, key: str = "PLAT-1") -> None:
    """The ticket of the blocker, as the watch over it would have opened it."""
    Blocker.objects.filter(pk=blocker.pk).update(
        ticket_id="1001", ticket_key=key, ticket_url=f"http://127.0.0.1:8801/jira/browse/{key}"
    )
    blocker.refresh_from_db()
    with transaction.atomic():
        ticketing.show_on_steps(blocker)


def comment(blocker: Blocker, body: str, number: int = 1) -> None:
    TicketComment.objects.create(
        blocker=blocker, external_id=str(number), author="Pat", body=body, at=timezone.now() - timedelta(minutes=2)
    )


def seen(row: Application, axis: str, health: str, cause: str = "", url: str = "http://ci.example/1") -> None:
    """What the watch saw of one axis of an application."""
    with transaction.atomic():
        Status.note(row, axis, health, cause=cause, url=url)


def history(cast: Cast, minutes: list[int]) -> None:
    """Finished runs that took so long."""
    for place, took in enumerate(minutes):
        row = onboarding(cast, f"past-{place}")
        end = timezone.now() - timedelta(hours=place)
        Step.objects.filter(run=row.run).update(
            state=StepState.DONE, began_at=end - timedelta(minutes=took), ended_at=end
        )
        Run.objects.filter(pk=row.pk).update(
            state=RunState.DONE, created_at=end - timedelta(minutes=took), ended_at=end
        )
        Onboarding.objects.filter(pk=row.pk).update(active=False)


def say(step: Step, lines: int) -> None:
    """The step's latest attempt logs further lines."""
    attempt = Attempt.objects.filter(step=step).latest("number")
    begin = len(attempt.log.splitlines())
    attempt.log += "".join(f"10:00:{n % 60:02} line {begin + n} of the log\n" for n in range(lines))
    attempt.save(update_fields=["log"])
    with transaction.atomic():
        progress.touch(step.run)


def happened(row: Onboarding, step: str, what: str, at: datetime, **data: str) -> Event:
    """An event of the past about a step."""
    return Event.objects.create(
        type=f"onramp.step.{what}", source="/onramp", subject=f"run:{row.pk}", time=at, data={"step": step} | data
    )

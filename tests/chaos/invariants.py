"""What must hold once the faults have stopped, by the sandbox's record and by ours. Every violation is a sentence."""

from collections import Counter
from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta

import requests
from django.db.models.functions import Now

from catalog.models import Application
from engine.models import OPEN_STATES, Effect, EffectState, Run, RunState, Step, StepState
from events.models import Event, WebhookDelivery
from onboarding.models import Blocker, Onboarding
from tests.chaos import lease_audit
from tests.chaos.people import TEAMS
from tests.journey.actors import Actors

CHAT_IDS = {"alice": "U00000001", "charlie": "U00000003"}
MAX_DELAY = timedelta(seconds=15)
"""Several sweeps: a step that has been due for longer was forgotten."""


@dataclass(frozen=True)
class Violation:
    message: str
    is_duplicate: bool = False
    """Something exists, or happened, more than once."""


def violations(actors: Actors, onboardings: list[Onboarding]) -> list[Violation]:
    result = [*_unfinished(), *_record(), *_tickets(actors), *_messages(actors), *_namespaces(actors, onboardings)]
    for onboarding in onboardings:
        result += _repository(onboarding, actors)
    return result + [Violation(message) for message in lease_audit.violations()]


def _duplicates(description: str, values: Iterable[Hashable]) -> list[Violation]:
    counts = Counter(values).items()
    return [
        Violation(f"{description} {value}: {count} times", is_duplicate=True) for value, count in counts if count > 1
    ]


def _unfinished() -> Iterator[Violation]:
    """Only the watch over an application goes on, and it gives the reason for its wait."""
    for step in Step.objects.select_related("run").exclude(state=StepState.DONE):
        if step.run.kind != "watch" or step.state not in OPEN_STATES:
            yield Violation(f"{step.run.kind} {step}: {step.state}, {step.reason} {step.detail[-500:]}")
        elif step.state == StepState.WAITING and not step.reason:
            yield Violation(f"{step} waits without a reason")
    latest = Now() - MAX_DELAY
    due = [StepState.READY, StepState.WAITING]
    for step in Step.objects.filter(run__state=RunState.ACTIVE, state__in=due, due_at__lt=latest):
        yield Violation(f"{step} has been due since {step.due_at}, and no worker claims it")
    for step in Step.objects.filter(run__state=RunState.ACTIVE, state=StepState.RUNNING, lease_until__lt=latest):
        yield Violation(f"the lease of {step} expired at {step.lease_until}, and no worker claims it")
    for delivery in WebhookDelivery.objects.filter(handled_at=None, received_at__lt=latest):
        yield Violation(f"{delivery} was never handled")


def _record() -> Iterator[Violation]:
    """One “done” event per step and per run. No step is done before its effects are made."""
    recorded = Event.objects.filter(type="onramp.step.done").values_list("subject", "data__step")
    done = Step.objects.filter(state=StepState.DONE).values_list("run_id", "name")
    yield from _duplicates("“done” event of", recorded)
    for subject, name in {(f"run:{run}", name) for run, name in done} ^ set(recorded):
        yield Violation(f"{name} of {subject} is done or recorded as done, but not both")
    for run in Run.objects.filter(state=RunState.DONE):
        if Event.objects.filter(subject=f"run:{run.pk}", type=f"onramp.{run.kind}.done").count() != 1:
            yield Violation(f"the end of {run} is not recorded once")
    for effect in Effect.objects.filter(step__state=StepState.DONE, state=EffectState.INTENDED):
        if not _may_stay_intended(effect):
            yield Violation(f"{effect.step} is done, but its effect is not made: {effect}")


def _may_stay_intended(effect: Effect) -> bool:
    """A message whose answer was lost counts as sent, because no message is better than two. A comment on a ticket is
    not posted once its blocker has cleared; only the last comment has to be."""
    return effect.kind in ("chat", "mail") or (effect.kind == "comment" and not effect.name.endswith(" end"))


def _repository(onboarding: Onboarding, actors: Actors) -> Iterator[Violation]:
    name = onboarding.repository.full_name
    pulls = actors.pulls(name)
    branches = [branch["name"] for branch in actors.github("GET", f"/repos/{name}/branches", person="onramp-bot")]
    hooks = actors.github("GET", f"/repos/{name}/hooks", person="onramp-bot")
    yield from _duplicates(f"{name}: pull request", ["" for _ in pulls])
    yield from _duplicates(f"{name}: branch", ["" for branch in branches if branch.startswith("onramp/")])
    yield from _duplicates(f"{name}: webhook", ["" for _ in hooks])
    made = Effect.objects.filter(step__run=onboarding.pk, state=EffectState.MADE)
    references = {effect.kind: effect.reference for effect in made}
    merged = [pull["number"] for pull in pulls if pull["merged_at"]]
    if merged != [references.get("pull request", {}).get("number")]:
        yield Violation(f"{name}: its merged pull request is not the one in our record")
    if [str(hook["id"]) for hook in hooks] != [str(references.get("webhook", {}).get("id"))]:
        yield Violation(f"{name}: its webhook is not the one in our record")


def _tickets(actors: Actors) -> Iterator[Violation]:
    """One ticket per blocker. Each run is named on it once, and each question is answered once."""
    tickets = actors.tickets("Onramp")
    recorded = set(Blocker.objects.exclude(ticket_key="").values_list("ticket_key", flat=True))
    for ticket in set(tickets) ^ recorded:
        yield Violation(
            f"{ticket} exists outside or in our record, but not in both", is_duplicate=ticket not in recorded
        )
    for blocker in Blocker.objects.filter(closed_at=None):
        yield Violation(f"{blocker} is still open")
    for ticket in tickets:
        yield from _duplicates(f"comment on {ticket}", actors.comments(ticket))


def _messages(actors: Actors) -> Iterator[Violation]:
    yield from _duplicates("mail", ((str(mail["to"]), mail["subject"]) for mail in actors.emails()))
    for channel in ("#acme-platform", *CHAT_IDS.values()):
        yield from _duplicates(f"message in {channel}:", actors.chat_messages(channel, ""))


def _namespaces(actors: Actors, onboardings: list[Onboarding]) -> Iterator[Violation]:
    """One namespace per team, in which each of the team's onboarded applications runs once."""
    namespaces = Counter(actors.namespaces())
    for login, team in TEAMS.items():
        names = sorted(run.repository.name for run in onboardings if run.person.username == login)
        if not names:
            continue
        if namespaces[team] != 1:
            yield Violation(f"{namespaces[team]} namespaces {team}", is_duplicate=namespaces[team] > 1)
        deployments = actors.cluster("GET", f"/apis/apps/v1/namespaces/{team}/deployments")["items"]
        deployed = sorted(deployment["metadata"]["name"] for deployment in deployments)
        if deployed != names:
            yield Violation(f"{team} runs {deployed}, not {names}")
    for application in Application.objects.all():
        host = application.address.split("/")[2]
        answer = requests.get(actors.sandbox.url, headers={"Host": host}, timeout=10)
        if not answer.ok:
            yield Violation(f"{application.name} answers {answer.status_code}")

"""What must hold once the faults have ceased: the sandbox's own record against ours. Everything wrong is a sentence."""

from collections import Counter
from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta

import requests
from django.db.models.functions import Now

from catalog.models import Application
from events.models import Delivery, Event
from onboarding.models import OPEN_STATES, Blocker, Effect, EffectState, Onboarding, Run, RunState, Step, StepState
from tests.chaos import witness
from tests.chaos.people import TEAMS
from tests.journey.hands import Hands

CHAT_IDS = {"alice": "U00000001", "charlie": "U00000003"}
LONGEST_SILENCE = timedelta(seconds=15)
"""Some sweeps: what is due for longer is forgotten."""


@dataclass(frozen=True)
class Wrong:
    says: str
    double: bool = False


def everything_wrong(hands: Hands, runs: list[Onboarding]) -> list[Wrong]:
    found = [*_not_ended(), *_record(), *_tickets(hands), *_messages(hands), *_rooms(hands, runs)]
    for run in runs:
        found += _repository(run, hands)
    found += [Wrong(says) for says in witness.two_holders()]
    return found


def _twice(what: str, seen: Iterable[Hashable]) -> list[Wrong]:
    return [Wrong(f"{what} {one}: {count} times", double=True) for one, count in Counter(seen).items() if count > 1]


def _not_ended() -> Iterator[Wrong]:
    """Only the watch over what runs goes on, and it says for what and until when."""
    for step in Step.objects.select_related("run").exclude(state=StepState.DONE):
        if step.run.kind != "observation" or step.state not in OPEN_STATES:
            yield Wrong(f"{step.run.kind} {step}: {step.state}, {step.reason} {step.detail[-500:]}")
        elif step.state == StepState.WAITING and not step.reason:
            yield Wrong(f"{step} waits and does not say for what")
    forgotten = Now() - LONGEST_SILENCE
    due = [StepState.READY, StepState.WAITING]
    for step in Step.objects.filter(run__state=RunState.ACTIVE, state__in=due, due_at__lt=forgotten):
        yield Wrong(f"{step} is due since {step.due_at} and nobody takes it")
    for step in Step.objects.filter(run__state=RunState.ACTIVE, state=StepState.RUNNING, lease_until__lt=forgotten):
        yield Wrong(f"{step} is held by nobody since {step.lease_until}")
    for row in Delivery.objects.filter(handled_at=None, received_at__lt=forgotten):
        yield Wrong(f"{row} was never handled")


def _record() -> Iterator[Wrong]:
    """One “done” per step and per run; nothing is done while an effect of it is not."""
    told = Event.objects.filter(type="onramp.step.done").values_list("subject", "data__step")
    done = Step.objects.filter(state=StepState.DONE).values_list("run_id", "name")
    yield from _twice("“done” is told of", told)
    for subject, name in {(f"run:{run}", name) for run, name in done} ^ set(told):
        yield Wrong(f"{name} of {subject} is done, or told to be, and not both")
    for run in Run.objects.filter(state=RunState.DONE):
        if Event.objects.filter(subject=f"run:{run.pk}", type=f"onramp.{run.kind}.done").count() != 1:
            yield Wrong(f"the end of {run} is not told once")
    for left in Effect.objects.filter(step__state=StepState.DONE, state=EffectState.INTENDED):
        if not _may_stay_open(left):
            yield Wrong(f"{left.step} is done, but not its {left}")


def _may_stay_open(effect: Effect) -> bool:
    """What is only said. A message whose answer was lost counts as sent: told perhaps is better than told twice. And what
    was to be said on a ticket while its cause stood is not said once it has cleared; only the farewell has to be."""
    return effect.kind in ("chat", "mail") or (effect.kind == "comment" and not effect.name.endswith(" end"))


def _repository(run: Onboarding, hands: Hands) -> Iterator[Wrong]:
    name = run.repository.full_name
    pulls = hands.pulls(name)
    branches = [one["name"] for one in hands.github("GET", f"/repos/{name}/branches", person="onramp-bot")]
    hooks = hands.github("GET", f"/repos/{name}/hooks", person="onramp-bot")
    yield from _twice(f"{name}: pull request", ["" for _ in pulls])
    yield from _twice(f"{name}: branch", ["" for one in branches if one.startswith("onramp/")])
    yield from _twice(f"{name}: webhook", ["" for _ in hooks])
    made = {one.kind: one.reference for one in Effect.objects.filter(step__run=run.pk, state=EffectState.MADE)}
    if [one["number"] for one in pulls if one["merged_at"]] != [made.get("pull request", {}).get("number")]:
        yield Wrong(f"{name}: its merged pull request is not the one that we know")
    if [str(one["id"]) for one in hooks] != [str(made.get("webhook", {}).get("id"))]:
        yield Wrong(f"{name}: its webhook is not the one that we know")


def _tickets(hands: Hands) -> Iterator[Wrong]:
    """One a cause; each run is named and each answer given once."""
    tickets = hands.tickets("Onramp")
    known = set(Blocker.objects.exclude(ticket_key="").values_list("ticket_key", flat=True))
    for stranger in set(tickets) ^ known:
        yield Wrong(f"{stranger} is a ticket outside or of ours, and not both", double=stranger not in known)
    for cause in Blocker.objects.filter(closed_at=None):
        yield Wrong(f"{cause} is still open")
    for ticket in tickets:
        yield from _twice(f"{ticket} says", hands.said(ticket))


def _messages(hands: Hands) -> Iterator[Wrong]:
    yield from _twice("mail", ((str(one["to"]), one["subject"]) for one in hands.mails()))
    for channel in ("#platform", *CHAT_IDS.values()):
        yield from _twice(f"said in {channel}:", hands.chats(channel, ""))


def _rooms(hands: Hands, runs: list[Onboarding]) -> Iterator[Wrong]:
    """A room per team, with every application that was onboarded running in it once."""
    found = Counter(hands.namespaces())
    for login, team in TEAMS.items():
        names = sorted(one.repository.name for one in runs if one.person.username == login)
        if not names:
            continue
        if found[team] != 1:
            yield Wrong(f"{found[team]} namespaces {team}", double=found[team] > 1)
        deployed = hands.cluster("GET", f"/apis/apps/v1/namespaces/{team}/deployments")["items"]
        if sorted(one["metadata"]["name"] for one in deployed) != names:
            yield Wrong(f"{team} runs {[one['metadata']['name'] for one in deployed]}, not {names}")
    for row in Application.objects.all():
        answer = requests.get(hands.sandbox.url, headers={"Host": row.address.split("/")[2]}, timeout=10)
        if not answer.ok:
            yield Wrong(f"{row.name} answers {answer.status_code}")

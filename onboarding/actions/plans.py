"""Check an address, create a plan, leave a plan."""

from collections.abc import Mapping, Sequence

from catalog.models import Person
from events.log import record
from onboarding.models import Plan
from onboarding.plans import corrections, planning, preflight
from onboarding.plans.content import Choice, Correction
from onboarding.plans.preflight import RepositoryCheck, RequestRejected


def check_address(person: Person, pasted: str) -> RepositoryCheck:
    """What an address refers to. Raises RequestRejected; rejections are recorded, to see where people stumble."""
    try:
        return preflight.check_repository(person, pasted)
    except RequestRejected as error:
        record("onramp.address.rejected", person=person.username, kind=error.kind, message=error.message)
        raise


def create(
    person: Person,
    pasted: str,
    edits: Sequence[Correction] | None = None,
    choices: Mapping[str, Choice] | None = None,
) -> Plan:
    """A new plan for the repository at this address.

    `edits` are saved for every later plan, an empty list discards those that were saved; None applies the saved ones. `choices`
    say which of two files at one path to keep, for this plan only. Raises RequestRejected.
    """
    check = check_address(person, pasted)
    applied = corrections.saved_for(check.repository) if edits is None else edits
    try:
        plan = planning.create(person, check, applied, choices, saved=edits is None)
    except RequestRejected as error:
        facts = {"person": person.username, "kind": error.kind, "message": error.message}
        record("onramp.plan.rejected", check.facts.full_name, **facts)
        raise
    if edits is not None:
        corrections.save(person, plan.repository, edits)
    record("onramp.plan.shown", check.facts.full_name, person=person.username, plan=str(plan.pk))
    return plan


def leave(person: Person, plan: Plan) -> None:
    """The person saw the plan and left without starting it."""
    record("onramp.plan.left", plan.repository.full_name, person=person.username, plan=str(plan.pk))

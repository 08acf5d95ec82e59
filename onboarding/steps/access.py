"""May we, and may they? And from now on the repository tells us what happens to it."""

from django.conf import settings

from catalog import ownership
from onboarding import blocking, causes_source
from onboarding.engine.effects import Made
from onboarding.engine.outcomes import Done, Outcome, Refused
from onboarding.engine.work import Work
from onboarding.steps.journey import Journey, journey, source
from onboarding.steps.outside import changing, meets


@meets("source")
def perform(work: Work) -> Outcome:
    own = journey(work)
    facts = source().repository(own.name)
    if not facts.writable:
        return blocking.blocked(
            causes_source.access(own.repository, own.team, f"{own.name} can be read but not written to")
        )
    if facts.archived:
        return blocking.blocked(causes_source.archived(own.repository, own.team))
    unowned = _owner_differs(own)
    if unowned is not None:
        return unowned
    url = f"{settings.ENV.portal_url}/events/github/"
    made = work.ensure(
        "webhook", f"{own.name} → {url}", look=lambda: _hook(own, url), make=changing(lambda: _create_hook(own, url))
    )
    return Done(f"Onramp may write to {own.name} and hears of what happens there.", {"hook": made.reference.get("id")})


def _owner_differs(own: Journey) -> Outcome | None:
    owner = ownership.owner(own.repository)
    if owner is None:
        return blocking.blocked(causes_source.unowned(own.repository, own.team))
    if owner != own.team:
        return Refused(
            f"{own.name} belongs to {owner.name}, but this plan was made for {own.team.name}. Make a new plan."
        )
    return None


def _hook(own: Journey, url: str) -> Made | None:
    found = source().hook(own.name, url)
    return Made({"id": found}) if found else None


def _create_hook(own: Journey, url: str) -> Made:
    return Made({"id": source().create_hook(own.name, url)})

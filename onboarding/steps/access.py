"""May Onramp write to the repository, and does it belong to the team? Its webhook reports what happens there."""

from django.conf import settings
from django.urls import reverse

from catalog import ownership
from catalog.models import Ownership
from engine.context import Work
from engine.effects import Made
from engine.outcomes import Declined, Done, Outcome
from integrations.errors import Denied, Missing
from integrations.source import source
from onboarding.blockers import agreement, lifecycle, owner
from onboarding.blockers import source as causes
from onboarding.models import EffectKind
from onboarding.steps import whereabouts
from onboarding.steps.errors import ensure, translates_errors_of
from onboarding.steps.kind import OnboardingStep
from onboarding.steps.results import AccessResult
from onboarding.steps.subject import Subject, subject_of


@translates_errors_of("source")
def perform(work: Work) -> Outcome:
    subject = subject_of(work)
    facts = source().repository(subject.name)
    elsewhere = whereabouts.settle(work, subject, facts)
    if elsewhere is not None:
        return elsewhere
    if not facts.writable:
        message = f"{subject.name} can be read but not written to"
        return lifecycle.blocked(causes.access(subject.repository, subject.team, message))
    if facts.archived:
        return lifecycle.blocked(causes.archived(subject.repository, subject.team))
    other_owner = _check_owner(work, subject)
    if other_owner is not None:
        return other_owner
    url = f"{settings.ENV.origin}{reverse('webhook', args=[source().name])}"
    try:
        made = ensure(
            work,
            source().name,
            EffectKind.WEBHOOK,
            f"{subject.name} → {url}",
            find=lambda: _find_hook(subject, url),
            create=lambda: _create_hook(subject, url),
        )
    except (Missing, Denied) as error:
        if isinstance(error, Denied) and error.credentials:
            raise
        return lifecycle.blocked(causes.webhooks(subject.repository, subject.team, url, str(error)))
    message = f"Onramp can write to {subject.name}, and a webhook reports what happens there."
    return Done(message, AccessResult(hook=made.reference.get("id")))


def _check_owner(work: Work, subject: Subject) -> Outcome | None:
    """None where the team of the plan owns the repository, and somebody who speaks for it let this run in."""
    repository, onboarding = subject.repository, subject.onboarding
    team = ownership.owner(repository, onboarding.person)
    if team is None and not subject.content.team_is_suggested:
        return lifecycle.blocked(owner.unowned(repository, subject.team))
    if team is not None and team != subject.team:
        return Declined(
            f"{subject.name} belongs to {team.name}, but this plan is for {subject.team.name}. Create a new plan."
        )
    if not onboarding.is_agreed:
        return lifecycle.blocked(agreement.not_agreed(onboarding))
    with work.transaction():
        if team is None:
            ownership.decide(repository, subject.team, Ownership.AGREEMENT)
        elif repository.team != team:
            ownership.decide(repository, team, Ownership.SOURCE)
    return None


def _find_hook(subject: Subject, url: str) -> Made | None:
    hook = source().hook(subject.name, url)
    return Made({"id": hook}) if hook else None


def _create_hook(subject: Subject, url: str) -> Made:
    return Made({"id": source().create_hook(subject.name, url)})


STEP = OnboardingStep(
    name="access",
    title="Repository access",
    queue="source",
    needs=(),
    perform=perform,
    does="Checks that Onramp can write to the repository, and which team owns it.",
    creates=lambda content: f"a webhook on {content.repository}, which reports pushes and merges",
)

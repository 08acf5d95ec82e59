"""Causes that any provider can give: refused credentials, an outage, a clear refusal."""

import uuid
from collections.abc import Callable

from django.db.models import Q

from catalog.models import Organisation, Team
from engine.models import Move
from integrations import providers
from integrations.errors import Conflict, Denied, IntegrationError, Invalid, Missing, Transient
from integrations.pipelines import pipelines_reader
from integrations.secrets import redact
from integrations.source import source_reader
from onboarding.blockers import namespace, source
from onboarding.blockers.causes import Cause, Check, Facts, register
from onboarding.blockers.repository import current
from onboarding.models import Blocker, Onboarding


def _check_answers(facts: Facts) -> Check:
    capability = str(facts["capability"])
    try:
        providers.capability(capability).provider().ready()
    except IntegrationError as error:
        return Check(False, f"Still: {redact(str(error))}.")
    return Check(True, f"The {capability} provider answers again.")


def _check_credentials(facts: Facts) -> Check:
    """An organisation can refuse what the tool itself accepts: what was refused is tried again."""
    check, repository = _check_answers(facts), facts.get("repository")
    try:
        if check.holds and repository and facts["capability"] in PROBES:
            PROBES[str(facts["capability"])](current({"repository": repository}).full_name)
    except Missing:
        return check
    except IntegrationError as error:
        return Check(False, f"Still: {redact(str(error))}.")
    return check


PROBES: dict[str, Callable[[str], object]] = {
    "source": lambda full_name: source_reader().head(full_name, source_reader().repository(full_name).default_branch),
    "pipelines": lambda full_name: pipelines_reader().enabled(full_name),
}
"""Capability → reading something of a repository."""
CREDENTIALS = register("credentials", title="Onramp's credentials are refused", check=_check_credentials)
DOWN = register("provider-down", title="A provider does not answer", check=_check_answers)


def organisation_of(run: uuid.UUID) -> Organisation | None:
    """The organisation whose team a run works for. None for a run of no team: such runs share a blocker of their own."""
    onboardings = Onboarding.objects.filter(Q(pk=run) | Q(undos__run=run) | Q(messages__run=run))
    onboarding = onboardings.select_related("team__organisation").first()
    if onboarding is not None:
        return onboarding.team.organisation if onboarding.team else None
    announced = Blocker.objects.filter(messages__run=run).values("organisation")
    watched = Team.objects.filter(repositories__watch__run=run).values("organisation")
    return Organisation.objects.filter(Q(pk__in=announced) | Q(pk__in=watched)).first()


def _object(capability: str, organisation: Organisation | None) -> str:
    """One blocker per organisation: its platform team sees and ends only its own runs."""
    return f"{capability}:{organisation.slug}" if organisation else capability


def credentials(capability: str, error: IntegrationError, run: uuid.UUID) -> Cause:
    """Ours are missing, wrong, expired, or refused as such; the same cause for every run of the organisation that needs them."""
    organisation = organisation_of(run)
    repository = Onboarding.objects.filter(pk=run).values_list("repository", flat=True).first()
    return Cause(
        kind=CREDENTIALS,
        object=_object(providers.credential(capability), organisation),
        owner=Move.PLATFORM,
        summary=f"Onramp's own credentials for {capability} are refused",
        explanation=f"{redact(str(error))}. Every run that needs {capability} stops here until Onramp has valid credentials.",
        clears_when=f"The {capability} provider accepts Onramp's credentials.",
        facts={"capability": capability, **({"repository": repository} if repository else {})},
        organisation=organisation,
    )


def down(capability: str, message: str, organisation: Organisation | None) -> Cause:
    """No answer for so long that waiting is no plan."""
    return Cause(
        kind=DOWN,
        object=_object(capability, organisation),
        owner=Move.PLATFORM,
        summary=f"The {capability} provider has not answered for a long time",
        explanation=f"{redact(message)}. Every run that needs {capability} stops here until it answers again.",
        clears_when=f"The {capability} provider answers.",
        facts={"capability": capability},
        organisation=organisation,
    )


def failing(error: Transient, capability: str, run: uuid.UUID) -> Cause | None:
    """The cause where the provider answers, but something behind it fails for what was requested."""
    onboarding = Onboarding.objects.select_related("plan", "team").filter(pk=run).first()
    if capability == "cluster" and error.status == 500 and onboarding is not None:
        return namespace.refused_by_cluster(error, onboarding)
    return None


def refusal(capability: str, error: IntegrationError, run: uuid.UUID) -> Cause | None:
    """The cause behind a clear refusal, or None where it is no type we know."""
    onboarding = Onboarding.objects.select_related("plan", "repository", "team").filter(pk=run).first()
    if onboarding is None:
        return None
    if capability == "source" and isinstance(error, Denied | Missing):
        return source.refusal(error, onboarding)
    if capability == "cluster" and isinstance(error, Denied | Conflict | Invalid):
        return namespace.refused_by_cluster(error, onboarding)
    return None

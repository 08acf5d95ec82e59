"""Causes that any provider can give: credentials, an outage, a refusal. See `causes` for what a cause is."""

import uuid
from typing import Any

from catalog.models import Organisation
from integrations import providers
from integrations.errors import Conflict, Denied, IntegrationError, Invalid, Missing
from integrations.secrets import redact
from onboarding import causes_source
from onboarding.causes import Cause, Check, condition
from onboarding.models import Move, Onboarding


def credentials(capability: str, error: IntegrationError) -> Cause:
    """Ours are missing, wrong or expired; the same for every run that needs the provider."""
    return Cause(
        kind="credentials",
        object=capability,
        owner=Move.PLATFORM,
        summary=f"Onramp's own credentials for {capability} are refused",
        explanation=f"{redact(str(error))}. Every run that needs {capability} stops here until Onramp has valid credentials.",
        clears_when=f"The {capability} provider accepts Onramp's credentials.",
        facts={"capability": capability},
        organisation=Organisation.objects.first(),
    )


def down(capability: str, says: str) -> Cause:
    """No answer for so long that waiting alone is no plan."""
    return Cause(
        kind="provider-down",
        object=capability,
        owner=Move.PLATFORM,
        summary=f"The {capability} provider has not answered for a long time",
        explanation=f"{redact(says)}. Every run that needs {capability} stops here until it answers again.",
        clears_when=f"The {capability} provider answers.",
        facts={"capability": capability},
        organisation=Organisation.objects.first(),
    )


@condition("credentials")
@condition("provider-down")
def answers(facts: dict[str, Any]) -> Check:
    try:
        providers.provider(str(facts["capability"])).ready()
    except IntegrationError as error:
        return Check(False, f"Still: {redact(str(error))}.")
    return Check(True, f"The {facts['capability']} provider answers again.")


def cluster_refuses(error: IntegrationError, onboarding: Onboarding) -> Cause:
    """The cluster said no to what the run must write; the same message of the same namespace is one cause."""
    namespace = str(onboarding.plan.content["namespace"])
    return Cause(
        kind="cluster-refuses",
        object=f"{namespace}:{error.message[:150]}",
        owner=Move.PLATFORM,
        summary=f"The cluster refuses what namespace {namespace} needs",
        explanation=f"{redact(str(error))}.",
        clears_when=f"A dry run of the same objects in namespace {namespace} is accepted.",
        facts={"plan": str(onboarding.plan_id)},
        team=onboarding.team,
    )


def refusal(capability: str, error: IntegrationError, run: uuid.UUID) -> Cause | None:
    """The cause behind a clear refusal, or None where it is no type we know."""
    onboarding = Onboarding.objects.select_related("plan", "repository", "team").filter(pk=run).first()
    if onboarding is None:
        return None
    if capability == "source" and isinstance(error, Denied | Missing):
        return causes_source.refusal(error, onboarding)
    if capability == "cluster" and isinstance(error, Denied | Conflict | Invalid):
        return cluster_refuses(error, onboarding)
    return None

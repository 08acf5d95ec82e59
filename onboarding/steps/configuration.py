"""The team's move: values for the variables that the code reads without a default, before the first deployment.

They go straight into a Secret of the team's namespace. Onramp reads the names of what is there, never the values.
"""

from collections.abc import Mapping, Sequence

from django.urls import reverse

import generate
from engine.context import Work
from engine.effects import Made
from engine.models import Move
from engine.outcomes import Done, Outcome, Wait
from onboarding.models import EffectKind
from onboarding.plans.content import Content
from onboarding.steps import polling
from onboarding.steps.errors import translates_errors_of
from onboarding.steps.kind import OnboardingStep
from onboarding.steps.subject import subject_of
from tenancy import secret_values


def missing(content: Content) -> dict[str, list[str]]:
    """Application → the required variables whose values are not in its Secret yet. Raises IntegrationError."""
    names = {}
    for application, required in content.required_values.items():
        existing = secret_values.names(content.namespace, application)
        names[application] = [name for name in required if name not in existing]
    return {application: absent for application, absent in names.items() if absent}


def wait(work: Work, absent: Mapping[str, Sequence[str]], reason: str = "") -> Wait:
    """The team's move to enter these values: application → names."""
    listed = "; ".join(f"{application} needs {', '.join(names)}" for application, names in absent.items())
    links = [("Enter values", reverse("settings", args=[work.run.pk]))]
    message = f"Enter the values that the code has no default for: {listed}."
    return Wait(f"{reason} {message}".strip(), polling.next_check(work), Move.TEAM, links)


@translates_errors_of("cluster")
def perform(work: Work) -> Outcome:
    content = subject_of(work).content
    absent = missing(content)
    if absent:
        return wait(work, absent)
    for application in content.required_values:  # recorded, so that the page and an undo know of it
        name = f"{content.namespace}/{generate.settings_of(application)}"
        work.ensure(EffectKind.SECRET, name, create=Made)
    count = sum(len(names) for names in content.required_values.values())
    return Done(f"All {count} values are set." if count > 1 else "The value is set.")


STEP = OnboardingStep(
    name="configuration",
    title="Configuration",
    queue="cluster",
    needs=("namespace",),
    perform=perform,
    does="Waits until the required values are entered.",
    creates=lambda content: f"a Secret in {content.namespace} with the values that are entered",
    owner=Move.TEAM,
    only_if=lambda content: bool(content.required_values),
)

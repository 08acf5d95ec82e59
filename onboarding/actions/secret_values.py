"""Enter values of an application's variables."""

from collections.abc import Mapping

from catalog.models import Person
from engine import waking
from engine.interventions import NotPossible
from engine.models import RunState, StepState
from events.log import record
from integrations.errors import IntegrationError
from onboarding.actions import rights
from onboarding.models import Onboarding
from onboarding.plans.content import Content
from onboarding.plans.preflight import RequestRejected
from onboarding.steps.results import NamespaceResult
from tenancy import secret_values


def enter(person: Person, onboarding: Onboarding, application: str, values: Mapping[str, str]) -> list[str]:
    """Put values straight into the application's Secret; returns the names that were saved. Onramp neither stores nor logs
    the values. Raises NoRight, RequestRejected, NotPossible."""
    rights.require(person, onboarding)
    if not can_enter(onboarding):
        raise NotPossible("Values can be entered once the run is in the team's namespace.")
    content = Content.model_validate(onboarding.plan.content)
    entered = {name: value for name, value in values.items() if value}
    if onboarding.run.state != RunState.ACTIVE:
        raise NotPossible("This run has ended: change the Secret in the namespace instead.")
    _validate(content, application, entered)
    try:
        secret_values.save(content.namespace, application, entered)
    except IntegrationError as error:
        message = f"The cluster did not accept the values ({error.message}). Nothing was saved; enter them again."
        raise RequestRejected("cluster", message) from error
    names = sorted(entered)
    record(
        "onramp.settings.entered",
        f"run:{onboarding.pk}",
        person=person.username,
        application=application,
        names=names,
    )
    waking.wake_run(onboarding.pk)
    return names


def can_enter(onboarding: Onboarding) -> bool:
    """Whether the run is in its team's namespace: let in, and the namespace is there and the team's."""
    return (
        onboarding.is_admitted and onboarding.run.steps.filter(name=NamespaceResult.step, state=StepState.DONE).exists()
    )


def _validate(content: Content, application: str, entered: Mapping[str, str]) -> None:
    """Raises RequestRejected."""
    known = {
        setting.name
        for component in content.applications
        if component.name == application
        for setting in component.settings
    }
    unknown = sorted(set(entered) - known)
    if unknown:
        message = f"{application} reads no variable {', '.join(unknown)[:100]}."
        raise RequestRejected("settings", message)
    if not entered:
        raise RequestRejected("settings", "No value was entered.")
    if not all(secret_values.is_valid(value) for value in entered.values()):
        limit = f"{secret_values.MAX_LENGTH:,}"
        raise RequestRejected("settings", f"A value has at most {limit} characters and contains no NUL character.")

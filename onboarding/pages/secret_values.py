"""The page where values of variables are entered: which are set, by name, and none of the values."""

from dataclasses import dataclass

import generate
from engine.models import RunState
from integrations import http
from integrations.errors import IntegrationError
from integrations.providers import NotConfigured
from onboarding.actions import secret_values as actions
from onboarding.models import Onboarding
from onboarding.plans.content import Content, PlannedSetting
from tenancy import secret_values


@dataclass(frozen=True)
class SettingView:
    """`is_set` is None where the cluster could not be read."""

    planned: PlannedSetting
    is_set: bool | None

    @property
    def name(self) -> str:
        return self.planned.name


@dataclass(frozen=True)
class ApplicationView:
    name: str
    secret: str
    settings: list[SettingView]


@dataclass(frozen=True)
class SettingsView:
    """`problem` is why it is unknown what is set; empty where it is known."""

    onboarding: Onboarding
    namespace: str
    applications: list[ApplicationView]
    problem: str

    @property
    def active(self) -> bool:
        return self.onboarding.run.state == RunState.ACTIVE

    @property
    def missing(self) -> int:
        """How many required values are not set."""
        return sum(
            setting.planned.required and not setting.is_set
            for application in self.applications
            for setting in application.settings
        )


def of(onboarding: Onboarding) -> SettingsView:
    content = Content.model_validate(onboarding.plan.content)
    if not actions.can_enter(onboarding):
        problem = "Values can be entered once the run is in the team's namespace."
        return SettingsView(onboarding, content.namespace, [], problem)
    problem, applications = "", []
    with http.read_only():
        for component in content.applications:
            if not component.settings:
                continue
            try:
                names: frozenset[str] | None = secret_values.names(content.namespace, component.name)
            except (IntegrationError, NotConfigured) as error:
                names, problem = None, str(error)
            settings = [SettingView(each, None if names is None else each.name in names) for each in component.settings]
            settings.sort(key=lambda setting: (not setting.planned.required, setting.name))
            applications.append(ApplicationView(component.name, generate.settings_of(component.name), settings))
    return SettingsView(onboarding, content.namespace, applications, problem)

"""The page where values of variables are entered: which are there by name, and none of the values."""

from dataclasses import dataclass

from integrations import http
from integrations.errors import IntegrationError
from integrations.providers import NotConfigured
from onboarding import causes_room, generate
from onboarding.content import Content, PlannedSetting
from onboarding.models import Onboarding, RunState


@dataclass(frozen=True)
class SettingView:
    """`there` is None where the cluster could not be asked."""

    planned: PlannedSetting
    there: bool | None

    @property
    def name(self) -> str:
        return self.planned.name


@dataclass(frozen=True)
class ApplicationView:
    name: str
    secret: str
    settings: list[SettingView]


@dataclass(frozen=True)
class EnteringView:
    """`unseen` is why it is not known what is there; empty where it is known."""

    onboarding: Onboarding
    namespace: str
    applications: list[ApplicationView]
    unseen: str

    @property
    def active(self) -> bool:
        return self.onboarding.run.state == RunState.ACTIVE

    @property
    def left(self) -> int:
        """How many that are required are not there."""
        return sum(one.planned.required and not one.there for app in self.applications for one in app.settings)


def of(onboarding: Onboarding) -> EnteringView:
    content = Content.model_validate(onboarding.plan.content)
    unseen, found = "", []
    with http.reading():
        for one in content.applications:
            if not one.settings:
                continue
            secret = generate.settings_of(one.name)
            try:
                there: frozenset[str] | None = causes_room.reader().keys(content.namespace, secret)
            except (IntegrationError, NotConfigured) as error:
                there, unseen = None, str(error)
            rows = [SettingView(each, None if there is None else each.name in there) for each in one.settings]
            rows.sort(key=lambda row: (not row.planned.required, row.name))
            found.append(ApplicationView(one.name, secret, rows))
    return EnteringView(onboarding, content.namespace, found, unseen)

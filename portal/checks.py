"""System checks of the environment, so that nobody finds out by a failed run."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core import checks
from django.db import connection
from django.db.models import Count

from engine import registry
from engine.models import ENDED_STATES, RunState, Step
from events.models import WebhookSource
from integrations import providers
from integrations import registry as registries
from portal import production
from portal.environment import VARIABLES


@checks.register()
def configured_providers(app_configs: Any, **kwargs: Any) -> list[checks.CheckMessage]:
    """Missing, misspelt or unknown options of providers."""
    return [
        checks.Error(f"{problem.variable}: {problem.message}", hint="See docs/providers.md", id="onramp.E001")
        for problem in providers.problems(besides=VARIABLES)
    ]


@checks.register(checks.Tags.security, deploy=True)
def images_are_private_between_teams(app_configs: Any, **kwargs: Any) -> list[checks.CheckMessage]:
    try:
        shared = registries.registry().shares_login
    except providers.NotConfigured:
        return []
    if settings.ENV.onramp_demo or not shared:
        return []
    message = "One login to the registry lies in every team's namespace: private images are not private between teams."
    return [checks.Warning(message, hint="See “Pulling images” in docs/operating.md.", id="onramp.W001")]


@checks.register(checks.Tags.database)
def every_live_step_is_known(
    app_configs: Any, databases: Sequence[str] | None, **kwargs: Any
) -> list[checks.CheckMessage]:
    """Live runs keep the steps they started with: a version that no longer knows one of them must not be deployed yet."""
    if not databases or Step._meta.db_table not in connection.introspection.table_names():
        return []
    return [
        checks.Error(
            f"{count} live run{'s' if count > 1 else ''} of kind “{run_kind}” still need{'' if count > 1 else 's'} the step "
            f"“{name}”, which this version does not know.",
            hint="Keep the step until these runs have ended, or cancel them.",
            id="onramp.E003",
        )
        for run_kind, name, count in _unknown_steps()
    ]


def _unknown_steps() -> list[tuple[str, str, int]]:
    """(kind of run, step, count) of steps in live runs that this version does not know."""
    open_steps = Step.objects.filter(run__state=RunState.ACTIVE).exclude(state__in=ENDED_STATES)
    counts = open_steps.order_by().values_list("run__kind", "name").annotate(Count("pk"))
    return [
        (run_kind, name, count)
        for run_kind, name, count in counts.order_by("run__kind", "name")
        if not registry.known(run_kind, name)
    ]


@checks.register(checks.Tags.database)
def no_source_is_refused(app_configs: Any, databases: Sequence[str] | None, **kwargs: Any) -> list[checks.CheckMessage]:
    """A source whose budget is used up is heard only by polls."""
    if not databases or WebhookSource._meta.db_table not in connection.introspection.table_names():
        return []
    return [
        checks.Warning(
            f"Webhooks from {source.name} are refused since {source.full_since:%d %b %Y, %H:%M} UTC: their budget is used up.",
            hint="Raise PORTAL_WEBHOOK_MEGABYTES, or keep them for fewer PORTAL_WEBHOOK_DAYS.",
            id="onramp.W005",
        )
        for source in WebhookSource.objects.exclude(full_since=None).order_by("name")
    ]


@checks.register(checks.Tags.security, deploy=True)
def fit_for_production(app_configs: Any, **kwargs: Any) -> list[checks.CheckMessage]:
    """What keeps web and worker from starting, and the demo, which has no place in a deployment."""
    sentences = list(production.refusals(settings.ENV))
    if settings.ENV.onramp_demo:
        sentences.append("ONRAMP_DEMO is set: it is only for a laptop with the sandbox. Remove it.")
    return [checks.Error(sentence, id="onramp.E002") for sentence in sentences]

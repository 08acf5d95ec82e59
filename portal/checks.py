"""What `manage.py check` says of the environment before somebody finds out by a failed run."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core import checks
from django.db import connection
from django.db.models import Count

from integrations import providers
from onboarding.engine import registry
from onboarding.models import ENDED_STATES, RunState, Step
from portal.environment import VARIABLES


@checks.register()
def configured_providers(app_configs: Any, **kwargs: Any) -> list[checks.CheckMessage]:
    """Missing, misspelt or unknown options of providers."""
    return [
        checks.Error(f"{problem.variable}: {problem.says}", hint="See docs/providers.md", id="onramp.E001")
        for problem in providers.problems(besides=VARIABLES)
    ]


@checks.register(checks.Tags.database)
def no_run_is_stranded(app_configs: Any, databases: Sequence[str] | None, **kwargs: Any) -> list[checks.CheckMessage]:
    """Live runs keep the steps they began with: a version that no longer knows one of them must not go out yet."""
    if not databases or Step._meta.db_table not in connection.introspection.table_names():
        return []
    return [
        checks.Error(
            f"{count} live run{'s' if count > 1 else ''} of kind “{run_kind}” still need{'' if count > 1 else 's'} the step “{name}”, "
            "which this version does not know.",
            hint="Keep the step until these runs have ended, or cancel them.",
            id="onramp.E003",
        )
        for run_kind, name, count in _stranded()
    ]


def _stranded() -> list[tuple[str, str, int]]:
    """(kind of run, step, how many) of steps in live runs that this code does not know."""
    left = Step.objects.filter(run__state=RunState.ACTIVE).exclude(state__in=ENDED_STATES)
    rows = left.order_by().values_list("run__kind", "name").annotate(Count("pk")).order_by("run__kind", "name")
    return [(run_kind, name, count) for run_kind, name, count in rows if not registry.known(run_kind, name)]


@checks.register(checks.Tags.security, deploy=True)
def no_sandbox_in_production(app_configs: Any, **kwargs: Any) -> list[checks.CheckMessage]:
    if not settings.ENV.onramp_demo:
        return []
    return [checks.Error("ONRAMP_DEMO is set: it is for a laptop and the sandbox alone", id="onramp.E002")]

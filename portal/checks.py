"""What `manage.py check` says of the environment before somebody finds out by a failed run."""

from typing import Any

from django.conf import settings
from django.core import checks

from integrations import providers
from portal.environment import VARIABLES


@checks.register()
def configured_providers(app_configs: Any, **kwargs: Any) -> list[checks.CheckMessage]:
    """Missing, misspelt or unknown options of providers."""
    return [
        checks.Error(f"{problem.variable}: {problem.says}", hint="See docs/providers.md", id="onramp.E001")
        for problem in providers.problems(besides=VARIABLES)
    ]


@checks.register(checks.Tags.security, deploy=True)
def no_sandbox_in_production(app_configs: Any, **kwargs: Any) -> list[checks.CheckMessage]:
    if not settings.ENV.onramp_demo:
        return []
    return [checks.Error("ONRAMP_DEMO is set: it is for a laptop and the sandbox alone", id="onramp.E002")]

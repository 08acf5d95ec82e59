"""The environment, parsed once into a type; whatever is missing or wrong stops the start with a sentence."""

import os
import sys
from collections.abc import Mapping
from datetime import timedelta
from functools import cached_property
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured
from pydantic import BaseModel, ConfigDict, Field, ValidationError


class Environment(BaseModel):
    """Names of fields are names of variables, in lower case."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    database_url: str = Field(description="PostgreSQL, as postgresql://user:password@host:port/name")
    redis_url: str = Field(description="Redis or Valkey, as redis://… or unix://…")
    secret_key: str = Field(min_length=32, description="signs sessions and tokens; 50 random characters")
    portal_url: str = Field(
        "http://127.0.0.1:8800", description="the address at which people and webhooks reach Onramp"
    )
    onramp_demo: bool = Field(False, description="plain http on the loopback against the sandbox; never in production")
    portal_poll_seconds: float = Field(30, gt=0, description="how often waits are looked at without a webhook")
    portal_watch_seconds: float = Field(300, gt=0, description="how often what runs is looked at without a webhook")
    portal_issues_settle_seconds: float = Field(
        150, ge=0, description="how long a new ticket may hide from JIRA's search"
    )
    portal_down_after_seconds: float = Field(
        600, gt=0, description="a provider that fails for so long becomes a ticket"
    )
    portal_presence_seconds: float = Field(20, ge=0, description="who looked at a run this recently gets no message")
    portal_metrics_token: str = Field("", description="what Prometheus sends to /metrics as a bearer token")
    portal_organisation_file: str = Field(
        "", description="YAML of organisations, teams and repositories; empty: ask the source host"
    )
    portal_signin_url: str = Field("", description="GitHub Enterprise's address for sign-in; empty: github.com")
    portal_signin_client_id: str = ""
    portal_signin_client_secret: str = ""
    email_host: str = "localhost"
    email_port: int = 25
    email_from: str = "onramp@localhost"

    @cached_property
    def host(self) -> str:
        return urlsplit(self.portal_url).hostname or ""

    @cached_property
    def presence(self) -> timedelta:
        return timedelta(seconds=self.portal_presence_seconds)

    @cached_property
    def secure(self) -> bool:
        return urlsplit(self.portal_url).scheme == "https"


VARIABLES = frozenset(name.upper() for name in Environment.model_fields)
"""The names of all variables that are no provider's."""


def read(environ: Mapping[str, str] = os.environ) -> Environment:
    """Raises ImproperlyConfigured, naming each variable and what it is for."""
    given = {
        name.lower(): value for name, value in environ.items() if name.lower() in Environment.model_fields and value
    }
    try:
        environment = Environment.model_validate(given)
    except ValidationError as error:
        lines = [_sentence(str(one["loc"][0]), one["msg"]) for one in error.errors()]
        raise ImproperlyConfigured("The environment is not complete:\n" + "\n".join(lines)) from error
    serving = "runserver" not in sys.argv and "test" not in sys.argv
    if serving and not environment.onramp_demo and not environment.secure:
        raise ImproperlyConfigured("PORTAL_URL must begin with https:// (or set ONRAMP_DEMO=1 on a laptop).")
    return environment


def _sentence(name: str, problem: str) -> str:
    return f"  {name.upper()}: {problem} ({Environment.model_fields[name].description or 'see docs/operating.md'})"

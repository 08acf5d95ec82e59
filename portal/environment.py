"""The environment, parsed once into a type; anything missing or wrong stops the start with a sentence."""

import os
from collections.abc import Mapping
from datetime import timedelta
from functools import cached_property
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Annotated
from urllib.parse import urlsplit

import limits
from django.core.exceptions import ImproperlyConfigured
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, field_validator


def _rate(value: str) -> str:
    try:
        limits.parse(value)
    except ValueError as error:
        raise ValueError("write it as 20/minute or 100/5 minutes") from error
    return value


Rate = Annotated[str, AfterValidator(_rate)]
"""How often, as https://limits.readthedocs.io/en/stable/quickstart.html#rate-limit-string-notation writes it."""


class Environment(BaseModel):
    """Names of fields are names of variables, in lower case."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    database_url: str = Field(description="PostgreSQL, as postgresql://user:password@host:port/name")
    redis_url: str = Field(description="Redis or Valkey, as redis://… or unix://…")
    secret_key: str = Field(min_length=32, description="signs sessions and tokens; 50 random characters")
    portal_url: str = Field(
        "http://127.0.0.1:8800",
        description="the address at which people and webhooks reach Onramp, with a path prefix if it has one",
    )
    onramp_demo: bool = Field(False, description="plain http on the loopback against the sandbox; never in production")
    portal_poll_seconds: float = Field(30, gt=0, description="how often a wait is checked without a webhook")
    portal_watch_seconds: float = Field(300, gt=0, description="how often running applications are checked")
    portal_issues_settle_seconds: float = Field(
        150, ge=0, description="how long a new ticket may be missing from the issue tracker's search"
    )
    portal_build_patience_seconds: float = Field(
        1800,
        gt=0,
        le=7 * 86_400,
        description="how long a build may be queued, or not have started, until people are asked",
    )
    portal_down_after_seconds: float = Field(
        600, gt=0, description="a provider that fails for this long becomes a ticket"
    )
    portal_presence_seconds: float = Field(
        20, ge=0, description="a person whose page of the run polled this recently gets no message"
    )
    portal_application_networks: str = Field(
        "",
        description="private networks in which applications answer, such as 10.3.0.0/16, with spaces between them; "
        "Onramp checks no application's address outside them and the public ones",
    )
    portal_trusted_proxies: int = Field(
        0, ge=0, description="how many of your proxies add to X-Forwarded-For; 0: the connection's address counts"
    )
    portal_limit_sign_ins: Rate = Field(
        "60/minute", description="requests of sign-in from one address; a sign-in takes two"
    )
    portal_limit_wrong_tokens: Rate = Field("30/minute", description="wrong API tokens from one address")
    portal_limit_addresses: Rate = Field(
        "60/minute", description="address checks of one person; tenfold of one address"
    )
    portal_limit_plans: Rate = Field("20/minute", description="plans of one person; tenfold of one address")
    portal_limit_runs: Rate = Field("20/minute", description="runs that one person starts; tenfold from one address")
    portal_webhook_days: float = Field(30, ge=1, description="how long handled webhooks are kept")
    portal_webhook_megabytes: float = Field(
        2000, gt=0, description="how much the stored webhooks of one source may take; beyond it they are refused"
    )
    portal_keep_logs_days: float = Field(
        90, ge=1, description="how long an ended run keeps its logs and each attempt; then one summary per step is left"
    )
    portal_keep_events_days: float = Field(
        180, ge=7, description="how long events of steps and messages are kept; what people did is kept for ever"
    )
    portal_keep_plans_days: float = Field(30, ge=1, description="how long a plan that nobody started is kept")
    portal_keep_keys_days: float = Field(30, ge=1, description="how long the API answers a repeated idempotency key")
    portal_metrics_token: str = Field("", description="the bearer token that scrapes of /metrics must send")
    portal_organisation_file: str = Field(
        "", description="YAML of organisations, teams and repositories, for sync_teams"
    )
    portal_signin_url: str = Field("", description="web address of the source host for sign-in; empty: the public one")
    portal_signin_client_id: str = ""
    portal_signin_client_secret: str = ""
    email_host: str = "localhost"
    email_port: int = 25
    email_from: str = "onramp@localhost"

    @field_validator("portal_application_networks")
    @classmethod
    def _networks(cls, value: str) -> str:
        for network in value.split():
            ip_network(network)
        return value

    @cached_property
    def application_networks(self) -> tuple[IPv4Network | IPv6Network, ...]:
        return tuple(map(ip_network, self.portal_application_networks.split()))

    @property
    def origin(self) -> str:
        """Scheme, host and port of `portal_url`; `reverse()` gives the rest of an address, prefix included."""
        parts = urlsplit(self.portal_url)
        return f"{parts.scheme}://{parts.netloc}"

    @property
    def path_prefix(self) -> str:
        """The path of `portal_url`, below which Onramp is mounted; empty where it has a host of its own."""
        return urlsplit(self.portal_url).path.rstrip("/")

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
"""The names of all variables that belong to no provider."""


def read(environ: Mapping[str, str] = os.environ) -> Environment:
    """Raises ImproperlyConfigured, naming each variable and what it is for."""
    given = {
        name.lower(): value for name, value in environ.items() if name.lower() in Environment.model_fields and value
    }
    try:
        return Environment.model_validate(given)
    except ValidationError as error:
        lines = [_sentence(str(detail["loc"][0]), detail["msg"]) for detail in error.errors()]
        raise ImproperlyConfigured("The environment is not complete:\n" + "\n".join(lines)) from error


def _sentence(name: str, problem: str) -> str:
    return f"  {name.upper()}: {problem} ({Environment.model_fields[name].description or 'see docs/operating.md'})"

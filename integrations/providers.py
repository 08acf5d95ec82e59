"""Which provider fills which capability, read from the environment.

A provider module has a class `Options` (a pydantic model; each field is the variable
`PORTAL_<CAPABILITY>_<PROVIDER>_<FIELD>`) and a class that takes it. It is on offer once its required options are
set. A new provider is one file and one line in `CATALOGUE`.
"""

import importlib
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, cast

from pydantic import BaseModel, SecretStr, ValidationError

from integrations import secrets

CATALOGUE: dict[str, dict[str, str]] = {
    "source": {"github": "integrations.source.github:GitHub"},
    "pipelines": {"actions": "integrations.pipelines.actions:Actions"},
    "registry": {"ghcr": "integrations.registry.ghcr:Ghcr"},
    "cluster": {"kubernetes": "integrations.cluster.kubernetes:Kubernetes"},
    "metrics": {"prometheus": "integrations.metrics.prometheus:Prometheus"},
    "logs": {"elk": "integrations.logs.elk:Elk"},
    "issues": {"jira": "integrations.issues.jira:Jira"},
    "chat": {"slack": "integrations.chat.slack:Slack"},
}
PREFIX = "PORTAL_"


@dataclass(frozen=True)
class Problem:
    """Something about the environment that keeps a provider from being offered."""

    variable: str
    says: str


class NotConfigured(LookupError):
    """No provider is configured for a capability that is needed."""


def load(capability: str, provider: str) -> tuple[type[Any], type[BaseModel]]:
    """The provider's class and the class of its options."""
    module_name, _, class_name = CATALOGUE[capability][provider].partition(":")
    module = importlib.import_module(module_name)
    return getattr(module, class_name), module.Options


def _variable(capability: str, provider: str, field: str) -> str:
    return f"{PREFIX}{capability}_{provider}_{field}".upper()


def _given(capability: str, provider: str, options: type[BaseModel], environ: Mapping[str, str]) -> dict[str, str]:
    named = {field: environ.get(_variable(capability, provider, field), "") for field in options.model_fields}
    return {field: value for field, value in named.items() if value}


def options(capability: str, provider: str, environ: Mapping[str, str] = os.environ) -> BaseModel | None:
    """The provider's options, or None where none of them is set. Raises pydantic's ValidationError."""
    _, model = load(capability, provider)
    given = _given(capability, provider, model, environ)
    return model.model_validate(given) if given else None


def problems(environ: Mapping[str, str] = os.environ, besides: Iterable[str] = ()) -> Iterator[Problem]:
    """What is missing, misspelt or unknown among the `PORTAL_…` variables; `besides` are those that are no provider's."""
    known = set(besides)
    for capability, providers in CATALOGUE.items():
        for provider in providers:
            _, model = load(capability, provider)
            known |= {_variable(capability, provider, field) for field in model.model_fields}
            try:
                options(capability, provider, environ)
            except ValidationError as error:
                for one in error.errors():
                    field = str(one["loc"][0]) if one["loc"] else ""
                    yield Problem(_variable(capability, provider, field), one["msg"])
    for name in sorted(environ):
        if name.startswith(PREFIX) and name not in known:
            yield Problem(name, "nothing in Onramp reads this variable; is it misspelt?")


def offered(capability: str, environ: Mapping[str, str] = os.environ) -> list[str]:
    """The names of the providers of a capability whose required options are set, in the catalogue's order."""
    found = []
    for provider in CATALOGUE[capability]:
        try:
            if options(capability, provider, environ) is not None:
                found.append(provider)
        except ValidationError:
            continue  # `problems` names it; it is not on offer
    return found


def spacings() -> dict[str, float]:
    """Name of a provider, as its calls bear it → seconds between the beginnings of two changes there."""
    found: dict[str, float] = {}
    for capability in CATALOGUE:
        for name in offered(capability):
            spacing = getattr(options(capability, name), "spacing", 0.0)
            if spacing:
                module = importlib.import_module(CATALOGUE[capability][name].partition(":")[0])
                found[module.PROVIDER] = spacing
    return found


@cache
def provider(capability: str, name: str = "") -> Any:
    """The configured provider of a capability (the first on offer where no name is given). Raises NotConfigured."""
    names = [name] if name else offered(capability)
    if not names:
        raise NotConfigured(f"No provider is configured for {capability}; set {PREFIX}{capability.upper()}_…")
    cls, _ = load(capability, names[0])
    given = options(capability, names[0])
    if given is None:
        raise NotConfigured(f"{names[0]} is not configured for {capability}")
    for value in dict(given).values():
        if isinstance(value, SecretStr):
            secrets.remember(value)
    return cast(Any, cls(given))

"""Which provider fills which capability, read from the environment.

Each capability is a package here with a `CAPABILITY` and a typed accessor (`integrations.source.source()`). A provider is
one module in that package: a class `Options` (a pydantic model; each field is the variable
`PORTAL_<CAPABILITY>_<PROVIDER>_<FIELD>`), a class that takes them, and one call of `CAPABILITY.register`. It is on offer
once its required options are set.
"""

import hashlib
import importlib
import ipaddress
import os
import pkgutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Generic, Protocol, TypeVar
from urllib.parse import urlsplit

from pydantic import BaseModel, SecretStr, ValidationError

from integrations import secrets

PREFIX = "PORTAL_"
SANDBOX = "sandbox-"
"""How every secret of the simulated outside world begins."""
_ADDRESSES = ("url", "host", "link")
"""How the names of options end that are addresses."""
NAMES = ("source", "pipelines", "registry", "cluster", "metrics", "logs", "issues", "chat")
"""The capabilities, each a package of this name."""


class Provider(Protocol):
    """What every provider of every capability promises."""

    @property
    def name(self) -> str:
        """The name under which it is registered."""
        ...

    def ready(self) -> None:
        """Raises IntegrationError where it does not answer, or not to our credentials."""
        ...


P = TypeVar("P", bound=Provider)
O = TypeVar("O", bound=BaseModel)  # noqa: E741 - the conventional letter for options here


class NotConfigured(LookupError):
    """No provider is configured for a capability that is needed."""


@dataclass(frozen=True)
class Problem:
    """Something about the environment that keeps a provider from being offered."""

    variable: str
    message: str


@dataclass(frozen=True)
class Registration(Generic[P]):
    """One provider of a capability. `title` is what people call it; `limited_as` is the name its requests are counted under."""

    capability: str
    name: str
    title: str
    limited_as: str
    options: type[BaseModel]
    build: Callable[[Any], P]

    def variable(self, field: str) -> str:
        return f"{PREFIX}{self.capability}_{self.name}_{field}".upper()

    def read_options(self, environ: Mapping[str, str] = os.environ) -> BaseModel | None:
        """The options, or None where none of them is set. Raises pydantic's ValidationError."""
        values = {field: environ.get(self.variable(field), "") for field in self.options.model_fields}
        given = {field: value for field, value in values.items() if value}
        return self.options.model_validate(given) if given else None


class Capability(Generic[P]):
    """Something the platform offers, and the providers that can fill it."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._registrations: dict[str, Registration[P]] = {}

    def register(
        self, name: str, build: Callable[[O], P], options: type[O], *, title: str, limited_as: str = ""
    ) -> None:
        """Called once by each provider's module; the type checker verifies that the provider keeps the promise."""
        self._registrations[name] = Registration(self.name, name, title, limited_as or name, options, build)
        _titles[name] = title
        _limited_as[name] = limited_as or name

    def registrations(self) -> dict[str, Registration[P]]:
        """Name → registration of every provider, in the order of their names."""
        _load(self.name)
        return self._registrations

    def offered(self, environ: Mapping[str, str] = os.environ) -> list[str]:
        """The names of the providers whose required options are set."""
        names = []
        for name, registration in self.registrations().items():
            try:
                if registration.read_options(environ) is not None:
                    names.append(name)
            except ValidationError:
                continue  # `problems` names it; it is not on offer
        return names

    def provider(self, name: str = "") -> P:
        """The configured provider (the first on offer where no name is given), built once. Raises NotConfigured."""
        names = [name] if name else self.offered()
        if not names:
            raise NotConfigured(f"No provider is configured for {self.name}; set {PREFIX}{self.name.upper()}_…")
        key = (self.name, names[0])
        if key not in _built:
            _built[key] = self._build(names[0])
        built: P = _built[key]
        return built

    def build_with(self, **options: object) -> P:
        """The first provider on offer with these options instead of those of the environment. Raises NotConfigured."""
        names = self.offered()
        if not names:
            raise NotConfigured(f"No provider is configured for {self.name}; set {PREFIX}{self.name.upper()}_…")
        registration = self.registrations()[names[0]]
        return registration.build(registration.options.model_validate(options))

    def _build(self, name: str) -> P:
        registration = self.registrations().get(name)
        try:
            options = registration.read_options() if registration else None
        except ValidationError as error:
            raise NotConfigured(f"The options of {name} are incomplete; manage.py check names them") from error
        if registration is None or options is None:
            raise NotConfigured(f"{name} is not configured for {self.name}")
        for value in dict(options).values():
            if isinstance(value, SecretStr):
                secrets.remember(value)
        return registration.build(options)


_titles = {"address": "The address", "mail": "The mail server"}


def credential(name: str) -> str:
    """What the provider of this capability signs in with, without telling it. Capabilities that share a credential have the
    same. Raises NotConfigured."""
    registration = capability(name).registrations()[capability(name).provider().name]
    options = registration.read_options()
    secrets = [
        value.get_secret_value()
        for field, value in (options or ())
        if isinstance(value, SecretStr) and not field.startswith("webhook")
    ]
    digest = hashlib.sha256("\n".join(secrets).encode()).hexdigest()
    return f"{registration.limited_as}:{digest[:12]}"


_limited_as: dict[str, str] = {}
_built: dict[tuple[str, str], Any] = {}


def title(provider: str) -> str:
    """What people call a provider."""
    return _titles.get(provider, provider)


def limited_as(provider: str) -> str:
    """The name that a provider's requests are counted under."""
    return _limited_as.get(provider, provider)


def reset() -> None:
    """Forget the providers that were built: the environment has changed."""
    _built.clear()


@cache
def _load(capability: str) -> None:
    """Import every module of the capability's package, so that its providers register themselves."""
    package = importlib.import_module(f"integrations.{capability}")
    for module in pkgutil.iter_modules(package.__path__):
        importlib.import_module(f"integrations.{capability}.{module.name}")


def capability(name: str) -> Capability[Any]:
    """Raises KeyError for a name that is no capability."""
    if name not in NAMES:
        raise KeyError(name)
    registered: Capability[Any] = importlib.import_module(f"integrations.{name}").CAPABILITY
    return registered


def capabilities() -> list[Capability[Any]]:
    """All of them, in the order in which pages list them."""
    return [capability(name) for name in NAMES]


def problems(environ: Mapping[str, str] = os.environ, besides: Iterable[str] = ()) -> Iterator[Problem]:
    """What is missing, misspelt or unknown among the `PORTAL_…` variables; `besides` are those that belong to no provider."""
    known = set(besides)
    for each in capabilities():
        for registration in each.registrations().values():
            known |= {registration.variable(field) for field in registration.options.model_fields}
            try:
                registration.read_options(environ)
            except ValidationError as error:
                for detail in error.errors():
                    field = str(detail["loc"][0]) if detail["loc"] else ""
                    yield Problem(registration.variable(field), detail["msg"])
    for name in sorted(environ):
        if name.startswith(PREFIX) and name not in known:
            yield Problem(name, "nothing in Onramp reads this variable; is it misspelt?")


def spacings() -> dict[str, float]:
    """The name that a provider's requests are counted under → seconds between the beginnings of two changes there."""
    seconds: dict[str, float] = {}
    for each in capabilities():
        for name in each.offered():
            registration = each.registrations()[name]
            spacing = getattr(registration.read_options(), "spacing", 0.0)
            if spacing:
                seconds[registration.limited_as] = spacing
    return seconds


def unsafe(environ: Mapping[str, str] = os.environ) -> Iterator[Problem]:
    """The options that no production may have: an address without TLS or on this machine, or a secret of the sandbox."""
    for each in capabilities():
        for registration in each.registrations().values():
            for field in registration.options.model_fields:
                variable = registration.variable(field)
                sentence = _unsafe(field, environ.get(variable, ""))
                if sentence:
                    yield Problem(variable, sentence)


def _unsafe(field: str, value: str) -> str:
    """Why this value is refused; empty where it is not."""
    if value.startswith(SANDBOX):
        return "this is the sandbox's secret, which everybody knows. Use the secret of your own provider."
    if not value or not field.endswith(_ADDRESSES):
        return ""
    parts = urlsplit(value if "://" in value else f"https://{value}")
    if parts.scheme != "https":
        return "this address does not begin with https://, so its credentials could be read on the way. Use its https address."
    if is_loopback(parts.hostname or ""):
        return "this is an address of this machine. Use the address of your own provider."
    return ""


def is_loopback(host: str) -> bool:
    """Names (RFC 6761) and addresses that lead back to the same machine."""
    name = host.rstrip(".").lower()
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        address = ipaddress.ip_address(name)
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None) or address
    return bool(mapped.is_loopback or mapped.is_unspecified)

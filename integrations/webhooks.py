"""A provider's webhooks in our own words. Verifying and translating belong to the provider."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable

import patterns
from integrations import providers
from integrations.providers import NotConfigured


class BadSignature(Exception):
    """The signature is missing, or not the one that the shared secret gives."""


class Unreadable(Exception):
    """The body is not what the provider documents."""


class UnknownSource(LookupError):
    """No configured provider receives webhooks under this name."""


@dataclass(frozen=True)
class WebhookEvent:
    """Something that happened at a tool. `topic` wakes the runs that wait for it."""

    type: str
    subject: str
    topic: str
    data: dict[str, Any] = field(default_factory=dict)


@runtime_checkable
class WebhookReceiver(Protocol):
    """A provider whose tool sends webhooks, to `/events/<name of the provider>/`."""

    @property
    def kept_headers(self) -> tuple[str, ...]:
        """Prefixes of the headers that are stored with a delivery, in lower case."""
        ...

    def admit(self, headers: Mapping[str, str]) -> None:
        """Raises BadSignature for headers that no delivery of this tool has. Called before the body is read."""
        ...

    def verify(self, headers: Mapping[str, str], body: bytes) -> str:
        """The delivery's id, stored against replay. Raises BadSignature. Header names are in lower case."""
        ...

    def translate(self, headers: Mapping[str, str], body: bytes) -> list[WebhookEvent]:
        """What happened, by the body: headers are not signed. Empty where it does not concern us. Raises Unreadable."""
        ...


_SIGNATURE = patterns.compile(r"sha256=[0-9a-f]{64}")


def require_signature(headers: Mapping[str, str], name: str) -> None:
    """Raises BadSignature where the header `name` is not of the form of an HMAC-SHA256."""
    if not _SIGNATURE.fullmatch(headers.get(name.lower(), "")):
        raise BadSignature(f"{name} is missing or not “sha256=” with 64 hexadecimal digits")


def receiver(source: str) -> WebhookReceiver:
    """The configured provider of this name. Raises UnknownSource."""
    for capability in providers.capabilities():
        if source not in capability.registrations():
            continue
        try:
            provider = capability.provider(source)
        except NotConfigured:
            continue
        if isinstance(provider, WebhookReceiver):
            return provider
    raise UnknownSource(source)

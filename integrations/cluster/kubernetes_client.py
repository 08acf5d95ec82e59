"""The official client on our own exchange: one call is one bounded, guarded and recorded request.

The API reports errors as a Status object; its message decides which of our errors it becomes, and why an object was
refused. https://kubernetes.io/docs/reference/using-api/api-concepts/
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import urllib3
from kubernetes.client import ApiClient, Configuration
from kubernetes.client.exceptions import ApiException
from kubernetes.client.rest import RESTClientObject

import patterns
from database.storable import storable
from integrations import answers, http
from integrations.cluster import RefusalReason
from integrations.errors import Conflict, Denied, IntegrationError, Invalid, Missing, Transient, from_status

PROVIDER = "kubernetes"


class BoundedRest(RESTClientObject):
    """The client's REST layer; every request is one `exchange` and is read to its end inside it."""

    def __init__(self, configuration: Configuration, timeout: float) -> None:
        configuration.retries = False
        configuration.proxy = None
        super().__init__(configuration)
        self.timeout = timeout
        self.pool_manager.pool_classes_by_scheme = http.POOL_CLASSES

    def request(  # type: ignore[no-untyped-def]
        self, method, url, headers=None, body=None, post_params=None, _request_timeout=None
    ) -> Any:
        bound = (min(5.0, self.timeout), self.timeout)
        with http.exchange(PROVIDER, method, url, self.timeout) as call:
            try:
                response = super().request(method, url, headers, body, post_params, bound)  # type: ignore[no-untyped-call]
            except ApiException as error:  # the client's exception for a certificate that it does not trust
                raise Transient(PROVIDER, "the connection failed", detail=str(error.reason)) from error
            except ValueError as error:  # it parses a Location that it does not follow
                raise Invalid(PROVIDER, answers.MESSAGE, detail=str(error)) from error
            response.data = http.receive(call, response.response)
        return response


@dataclass(frozen=True)
class Answer:
    body: dict[str, Any]
    status: int
    warnings: tuple[str, ...]


class Requests:
    """Requests to one API server. Raises IntegrationError for every answer of 300 or more."""

    def __init__(self, configuration: Configuration, timeout: float, headers: Mapping[str, str] | None = None) -> None:
        self._client = ApiClient(configuration)
        self._client.default_headers.update(headers or {})
        self._client.rest_client = BoundedRest(configuration, timeout)

    def json(
        self,
        method: str,
        path: str,
        query: Mapping[str, str] | None = None,
        body: object = None,
        content: str = "application/json",
    ) -> Answer:
        """Also raises Invalid for an answer that is not a JSON object."""
        response = self._send(method, path, query, body, content)
        try:
            data = json.loads(response.data.decode(errors="replace"))
        except ValueError:
            data = None
        if not isinstance(data, dict):
            beginning = response.data[:200].decode(errors="replace")
            raise Invalid(PROVIDER, "the answer is not a JSON object", detail=beginning)
        return Answer(data, response.status, warnings(response.headers))

    def log(self, path: str, query: Mapping[str, str]) -> str:
        """The end of a log."""
        with http.expecting(http.LOG):
            body: bytes = self._send("GET", path, query, None, "application/json").data
        return storable(body.decode(errors="replace"))

    def _send(self, method: str, path: str, query: Mapping[str, str] | None, body: object, content: str) -> Any:
        headers = {"Accept": "application/json", "Content-Type": content}
        pairs = list((query or {}).items())
        prepared = self._client.param_serialize(
            method, path, query_params=pairs, header_params=headers, body=body, auth_settings=["BearerToken"]
        )
        response = self._client.call_api(*prepared)
        if response.status >= 300:
            raise error_of(response.status, response.data or b"", response.headers)
        return response


@contextmanager
def reading_manifests() -> Iterator[None]:
    """Raises Invalid where an object from the cluster lacks a field that the API guarantees."""
    try:
        yield
    except (LookupError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise Invalid(PROVIDER, answers.MESSAGE, detail=repr(error)[:1000]) from error


OBJECTS_FAULT = ("failed to create typed patch object", "failed to convert new object", "failed to prune fields")
"""What the API server says with 500 of a wrong object: of an unknown field, two entries with one key, a value of another type."""
NOT_ADMITTED = "failed calling webhook"
"""An object whose admission failed was not stored."""
_WARNING = patterns.repeated(r'299 \S{1,200} "((?:[^"\\]|\\.){0,1000})"')


def warnings(headers: Any) -> tuple[str, ...]:
    """The texts of `Warning: 299 - "…"` headers (RFC 7234, 5.5)."""
    values = headers.getlist("Warning") if isinstance(headers, urllib3.HTTPHeaderDict) else []
    texts = [text for value in values for text in _WARNING.findall(value)]
    return tuple(text.replace('\\"', '"') for text in texts)


def error_of(status: int, data: bytes, headers: Mapping[str, str]) -> IntegrationError:
    """Our error for a Status object, or for the text that a proxy sent in its place."""
    try:
        body = json.loads(data.decode(errors="replace"))
        detail = str(body.get("message", "")) if isinstance(body, dict) else ""
    except ValueError:
        detail = data[:500].decode(errors="replace")
    if status == 500 and detail.startswith(OBJECTS_FAULT):
        status = 422  # the object is wrong, and will be again
    if status == 500 and NOT_ADMITTED in detail:
        return Transient(PROVIDER, detail, status=status, detail=detail, ambiguous=False)
    message = "the cluster refuses our credentials" if status == 401 else detail or f"the cluster answered {status}"
    return from_status(PROVIDER, status, message, headers, detail=detail)


_REASONS = (
    (patterns.compile(r"exceeded quota|failed quota"), RefusalReason.QUOTA),
    (patterns.compile(r"violates PodSecurity"), RefusalReason.POD_SECURITY),
    (patterns.compile(r"(maximum|minimum) \S+ usage per|LimitRange"), RefusalReason.LIMITS),
    (patterns.compile(r'^namespaces "[^"]*" not found'), RefusalReason.NAMESPACE_MISSING),
)
"""The API has no field for these reasons; they are recognised by the message."""


def refusal_reason(error: IntegrationError) -> RefusalReason | None:
    """Why an object was refused; None for an error that is not about the object."""
    for pattern, reason in _REASONS:
        if isinstance(error, Denied | Missing) and pattern.search(error.detail):
            return reason
    if isinstance(error, Denied):
        return None if error.credentials else RefusalReason.RIGHTS
    if isinstance(error, Conflict):
        return RefusalReason.CONFLICT
    return RefusalReason.INVALID if isinstance(error, Invalid | Missing) else None

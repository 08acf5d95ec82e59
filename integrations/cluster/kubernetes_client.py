"""The official client on our own exchange: one call is one bounded, guarded and recorded request.

Errors come as a Status object; what it says decides the kind of our error and the cause of a refusal.
https://kubernetes.io/docs/reference/using-api/api-concepts/
"""

import json
import re
from dataclasses import dataclass
from typing import Any

import urllib3
from kubernetes.client import ApiClient, Configuration
from kubernetes.client.exceptions import ApiException
from kubernetes.client.rest import RESTClientObject

from integrations import http
from integrations.cluster import Cause
from integrations.errors import Conflict, Denied, IntegrationError, Invalid, Missing, Transient, from_status

PROVIDER = "kubernetes"


class BoundedRest(RESTClientObject):
    """The client's REST layer with every request as one `exchange`, read to its end inside it."""

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
            except ApiException as error:  # what the client makes of a certificate that it does not believe
                raise Transient(PROVIDER, "the connection failed", detail=str(error.reason)) from error
            response.read()
            call.answered(response.status, response.headers, response.data)
        return response


@dataclass(frozen=True)
class Answer:
    body: dict[str, Any]
    status: int
    warnings: tuple[str, ...]


class Requests:
    """Requests to one API server. Raises IntegrationError for every answer of 400 or more."""

    def __init__(self, configuration: Configuration, timeout: float) -> None:
        self._client = ApiClient(configuration)
        self._client.rest_client = BoundedRest(configuration, timeout)

    def json(
        self,
        method: str,
        path: str,
        query: dict[str, str] | None = None,
        body: Any = None,
        content: str = "application/json",
    ) -> Answer:
        """Raises `Invalid` besides, for an answer that is no JSON object."""
        response = self._send(method, path, query, body, content)
        try:
            parsed = json.loads(response.data)
        except ValueError:
            parsed = None
        if not isinstance(parsed, dict):
            said = response.data[:200].decode(errors="replace")
            raise Invalid(PROVIDER, "the cluster answered something that is not an object", detail=said)
        return Answer(parsed, response.status, warnings(response.headers))

    def text(self, path: str, query: dict[str, str]) -> str:
        body: bytes = self._send("GET", path, query, None, "application/json").data
        return body.decode(errors="replace")

    def _send(self, method: str, path: str, query: dict[str, str] | None, body: Any, content: str) -> Any:
        headers = {"Accept": "application/json", "Content-Type": content}
        pairs = list((query or {}).items())
        prepared = self._client.param_serialize(
            method, path, query_params=pairs, header_params=headers, body=body, auth_settings=["BearerToken"]
        )
        response = self._client.call_api(*prepared)
        if response.status >= 300:
            raise error_of(response.status, response.data or b"", response.headers)
        return response


def warnings(headers: Any) -> tuple[str, ...]:
    """The texts of `Warning: 299 - "…"` headers (RFC 7234, 5.5)."""
    said = headers.getlist("Warning") if isinstance(headers, urllib3.HTTPHeaderDict) else []
    found = [text for one in said for text in re.findall(r'299 \S+ "((?:[^"\\]|\\.)*)"', one)]
    return tuple(text.replace('\\"', '"') for text in found)


def error_of(status: int, data: bytes, headers: Any) -> IntegrationError:
    """Our error for a Status object, or for whatever stands in its place."""
    try:
        body = json.loads(data)
        said = str(body.get("message", "")) if isinstance(body, dict) else ""
    except ValueError:
        said = data[:500].decode(errors="replace")
    if status == 500 and said.startswith("failed to create typed patch object"):
        status = 422  # the schema refuses a field; it will do so again
    message = "the cluster does not know our credentials" if status == 401 else said or f"the cluster answered {status}"
    return from_status(PROVIDER, status, message, headers, detail=said)


_SAID = (
    (r"exceeded quota|failed quota", Cause.QUOTA),
    (r"violates PodSecurity", Cause.POD_SECURITY),
    (r"(maximum|minimum) \S+ usage per|LimitRange", Cause.LIMITS),
    (r'^namespaces "[^"]*" not found', Cause.NAMESPACE_MISSING),
)


def cause_of(error: IntegrationError) -> Cause | None:
    """Why an object was refused; None for an error that says nothing about the object."""
    for pattern, cause in _SAID:
        if isinstance(error, Denied | Missing) and re.search(pattern, error.detail):
            return cause
    if isinstance(error, Denied):
        return None if error.credentials else Cause.RIGHTS
    if isinstance(error, Conflict):
        return Cause.CONFLICT
    return Cause.INVALID if isinstance(error, Invalid | Missing) else None

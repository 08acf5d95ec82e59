"""Sessions of `requests` in which every request is one exchange."""

import io
from http.cookiejar import DefaultCookiePolicy
from typing import Any, TypeVar

import requests
from requests.adapters import HTTPAdapter

from integrations.errors import Invalid
from integrations.http import bodies
from integrations.http.exchanges import TIMEOUT, exchange
from integrations.http.watchdog import POOL_CLASSES

S = TypeVar("S", bound=requests.Session)


class BoundedAdapter(HTTPAdapter):
    """Mount it on any `requests.Session`, ours or a client library's: every request becomes one `exchange`."""

    def __init__(self, provider: str, timeout: float = TIMEOUT) -> None:
        self.provider = provider
        self.timeout = timeout
        super().__init__(max_retries=0)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = POOL_CLASSES

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        kwargs["timeout"] = (min(5.0, self.timeout), self.timeout)
        kwargs["stream"] = True
        with exchange(self.provider, request.method or "GET", request.url or "", self.timeout) as call:
            response = super().send(request, *args, **kwargs)
            body = bodies.receive(call, response.raw)
        response.raw = io.BytesIO(body)
        response.encoding = "utf-8"  # whatever the answer claims; guessing it takes minutes
        return response


def session(provider: str, timeout: float = TIMEOUT) -> requests.Session:
    """A session whose every request is one bounded, recorded exchange."""
    return bounded(requests.Session(), provider, timeout)


def bounded(session: S, provider: str, timeout: float = TIMEOUT) -> S:
    """The same session, ours or a client library's, with every request as one bounded, recorded exchange."""
    session.trust_env = False  # neither .netrc nor the proxies that the environment happens to name
    session.max_redirects = 3
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=()))  # a jar would grow with every answer
    adapter = BoundedAdapter(provider, timeout)
    session.mount("http://", adapter)
    session.mount("https://", adapter)
    return session


def json_of(provider: str, response: requests.Response) -> Any:
    """The parsed JSON body. Raises Invalid, showing its beginning, where it is not JSON."""
    try:
        return response.json()
    except ValueError as error:
        message = "the answer is not JSON"
        detail = response.text[:500]
        raise Invalid(provider, message, status=response.status_code, detail=detail) from error

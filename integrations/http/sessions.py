"""Sessions of `requests` in which every request is one exchange."""

from typing import Any

import requests
from requests.adapters import HTTPAdapter

from integrations.errors import Invalid
from integrations.http.exchanges import TIMEOUT, exchange
from integrations.http.watchdog import POOL_CLASSES


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
            body = response.content  # read to the end while the watchdog is on
            call.answered(response.status_code, response.headers, body)
            return response


def session(provider: str, timeout: float = TIMEOUT) -> requests.Session:
    """A session whose every request is one bounded, recorded exchange."""
    session = requests.Session()
    session.trust_env = False  # neither .netrc nor the proxies that the environment happens to name
    session.max_redirects = 3
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

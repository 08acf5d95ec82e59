"""PyGithub's requester with every request as one exchange; PyGithub's own retries and pacing are off."""

from typing import Any

from github import Auth, Github
from github.Requester import HTTPRequestsConnectionClass, HTTPSRequestsConnectionClass, Requester, RequestsResponse
from pydantic import SecretStr

from integrations import http
from integrations.errors import Transient

PROVIDER = "github"


class _Http(HTTPRequestsConnectionClass):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.session = http.session(PROVIDER)
        self.session.auth = Requester.noopAuth

    def getresponse(self) -> RequestsResponse:
        return _without_repetition(self.verb, super().getresponse())


class _Https(HTTPSRequestsConnectionClass):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.session = http.session(PROVIDER)
        self.session.auth = Requester.noopAuth

    def getresponse(self) -> RequestsResponse:
        return _without_repetition(self.verb, super().getresponse())


def _without_repetition(verb: str, response: RequestsResponse) -> RequestsResponse:
    """PyGithub would follow a 301 for ever, and repeat the request after each 202."""
    if response.status == 202 and verb == "GET":
        raise Transient(PROVIDER, "is still working on the answer", status=202, ambiguous=False)
    if response.status == 301:
        response.status = 308
    return response


Requester.injectConnectionClasses(_Http, _Https)


def requester(api_url: str, token: SecretStr) -> Requester:
    """Not for use by several threads: it takes a request in one call and sends it in the next."""
    return Github(
        base_url=api_url,
        auth=Auth.Token(token.get_secret_value()),
        retry=None,
        seconds_between_requests=None,
        seconds_between_writes=None,
    ).requester

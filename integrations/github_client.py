"""PyGithub's requester, bounded and recorded; shared by what GitHub does for us as source and as CI.

Each call is one request: PyGithub's retries and pacing are off. A question that was asked before is asked again with
the mark of its last answer, and "not modified" does not count against GitHub's rate limit. Answers are parsed into types
by the callers. Source: https://docs.github.com/en/rest
"""

import json
import threading
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any, TypeVar
from urllib.parse import urljoin

from github import Auth, Github
from github.Requester import HTTPRequestsConnectionClass, HTTPSRequestsConnectionClass, Requester, RequestsResponse
from pydantic import BaseModel, SecretStr, ValidationError

from integrations import http
from integrations.errors import IntegrationError, Invalid, Transient, from_status

PROVIDER = "github"
Answer = TypeVar("Answer", bound=BaseModel)
MOVED = (302, 307, 308)
MOST_MOVES = 3
KEPT_ANSWERS = 500
LARGEST_KEPT = 50_000
"""Characters of an answer that is kept for the next time; larger ones (trees, files) never change under one address."""


class _Http(HTTPRequestsConnectionClass):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.session = http.session(PROVIDER)
        self.session.auth = Requester.noopAuth

    def getresponse(self) -> RequestsResponse:
        return _one_request(self.verb, super().getresponse())


class _Https(HTTPSRequestsConnectionClass):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.session = http.session(PROVIDER)
        self.session.auth = Requester.noopAuth

    def getresponse(self) -> RequestsResponse:
        return _one_request(self.verb, super().getresponse())


def _one_request(verb: str, answer: RequestsResponse) -> RequestsResponse:
    """PyGithub would follow a 301 for ever, and ask again after each 202."""
    if answer.status == 202 and verb == "GET":
        raise Transient(PROVIDER, "is still working on the answer", status=202, ambiguous=False)
    if answer.status == 301:
        answer.status = 308
    return answer


Requester.injectConnectionClasses(_Http, _Https)


class GitHubClient:
    """Requests to one GitHub with one token."""

    def __init__(self, api_url: str, token: SecretStr) -> None:
        self._api_url = api_url.rstrip("/")
        self._token = token
        self._threads = threading.local()
        self._plain = http.session(PROVIDER)
        self._kept: OrderedDict[str, tuple[str, str]] = OrderedDict()
        """Question → (mark, text) of its last answer, the oldest first."""

    @property
    def _requester(self) -> Requester:
        """One for each thread: it takes the question in one call and sends it in the next, so another thread's would go out."""
        known: Requester | None = getattr(self._threads, "requester", None)
        if known is None:
            known = self._threads.requester = Github(
                base_url=self._api_url,
                auth=Auth.Token(self._token.get_secret_value()),
                retry=None,
                seconds_between_requests=None,
                seconds_between_writes=None,
            ).requester
        return known

    def call(self, method: str, path: str, body: dict[str, Any] | None = None, **query: Any) -> Any:
        """The answer's JSON. Raises IntegrationError."""
        question = f"{path}?{json.dumps(query, sort_keys=True)}" if method == "GET" else ""
        mark, known = self._kept.get(question, ("", ""))
        marked = {"If-None-Match": mark} if mark else None
        status, headers, text = self._followed(method, path, query, marked, body)
        if status >= 400:
            raise _refusal(status, headers, text)
        if status == 304:
            return _loaded(known)
        data = _loaded(text) if text else None
        self._keep(question, headers, text)
        return data

    def _followed(
        self, method: str, path: str, query: dict[str, Any], headers: dict[str, str] | None, body: Any
    ) -> tuple[int, Mapping[str, str], str]:
        """The answer from where GitHub says that it lies now (a repository that was renamed), after a few moves at most.

        https://docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api#follow-redirects
        """
        for _ in range(1 + MOST_MOVES):
            status, answered, text = self._requester.requestJson(method, path, query or None, headers, body)
            if status not in MOVED:
                return status, answered, text
            place = urljoin(self._api_url, answered.get("location", ""))
            if not place.startswith(self._api_url):
                break
            path, query = place.removeprefix(self._api_url), {}
        says = f"leads to {answered.get('location', 'nowhere')}, where we do not follow"
        raise Transient(PROVIDER, says, status=status, ambiguous=False)

    def _keep(self, question: str, headers: Mapping[str, str], text: str) -> None:
        mark = headers.get("etag", "")
        if question and mark and len(text) <= LARGEST_KEPT:
            self._kept.pop(question, None)
            self._kept[question] = mark, text
        while len(self._kept) > KEPT_ANSWERS:
            self._kept.popitem(last=False)

    def get(self, model: type[Answer], path: str, **query: Any) -> Answer:
        return parsed(model, self.call("GET", path, **query))

    def post(self, model: type[Answer], path: str, body: dict[str, Any]) -> Answer:
        return parsed(model, self.call("POST", path, body))

    def text(self, path: str) -> str:
        """A job's log: GitHub answers with an address elsewhere that is signed itself and must not see our token.

        https://docs.github.com/en/rest/actions/workflow-jobs#download-job-logs-for-a-workflow-run
        """
        status, headers, text = self._requester.requestJson("GET", path)
        if status != 302:
            raise from_status(PROVIDER, status, "the log is not there", headers, detail=str(text)[:500])
        answer = self._plain.get(headers["location"])
        if not answer.ok:
            raise from_status(
                PROVIDER, answer.status_code, "the log is not there", answer.headers, detail=answer.text[:500]
            )
        return answer.text


def _loaded(text: str) -> Any:
    """Raises Transient: a body that is cut short or no JSON leaves open what was meant."""
    try:
        return json.loads(text)
    except ValueError as error:
        raise Transient(PROVIDER, "answered something that is not JSON", detail=f"{error}: {text[:500]}") from error


def parsed(model: type[Answer], data: Any) -> Answer:
    """The answer as a type. Raises Invalid, showing what came instead."""
    try:
        return model.model_validate(data)
    except ValidationError as error:
        raise Invalid(
            PROVIDER, "answered something we do not understand", detail=f"{error}\n{str(data)[:500]}"
        ) from error


def _refusal(status: int, headers: Mapping[str, str], text: str) -> IntegrationError:
    """https://docs.github.com/en/rest/using-the-rest-api/troubleshooting-the-rest-api"""
    try:
        data = json.loads(text)
    except ValueError:
        data = None
    message = str(data.get("message", "")) if isinstance(data, dict) else ""
    return from_status(PROVIDER, status, message or "no message", headers, detail=text[:1000])

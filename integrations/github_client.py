"""PyGithub's requester, bounded and recorded; shared by what GitHub does for us as source and as CI.

Each call is one request: PyGithub's retries and pacing are off. A question that was asked before is asked again with
the mark of its last answer, and "not modified" does not count against GitHub's rate limit. Answers are parsed into types
by the callers. Source: https://docs.github.com/en/rest
"""

import json
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any, TypeVar

from github import Auth, Github
from github.Requester import HTTPRequestsConnectionClass, HTTPSRequestsConnectionClass, Requester
from pydantic import BaseModel, SecretStr, ValidationError

from integrations import http
from integrations.errors import IntegrationError, Invalid, Transient, from_status

PROVIDER = "github"
Answer = TypeVar("Answer", bound=BaseModel)
KEPT_ANSWERS = 500
LARGEST_KEPT = 50_000
"""Characters of an answer that is kept for the next time; larger ones (trees, files) never change under one address."""


class _Http(HTTPRequestsConnectionClass):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.session = http.session(PROVIDER)
        self.session.auth = Requester.noopAuth


class _Https(HTTPSRequestsConnectionClass):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.session = http.session(PROVIDER)
        self.session.auth = Requester.noopAuth


Requester.injectConnectionClasses(_Http, _Https)


class GitHubClient:
    """Requests to one GitHub with one token."""

    def __init__(self, api_url: str, token: SecretStr) -> None:
        auth = Auth.Token(token.get_secret_value())
        self._requester = Github(
            base_url=api_url.rstrip("/"),
            auth=auth,
            retry=None,
            seconds_between_requests=None,
            seconds_between_writes=None,
        ).requester
        self._plain = http.session(PROVIDER)
        self._kept: OrderedDict[str, tuple[str, str]] = OrderedDict()
        """Question → (mark, text) of its last answer, the oldest first."""

    def call(self, method: str, path: str, body: dict[str, Any] | None = None, **query: Any) -> Any:
        """The answer's JSON. Raises IntegrationError."""
        question = f"{path}?{json.dumps(query, sort_keys=True)}" if method == "GET" else ""
        mark, known = self._kept.get(question, ("", ""))
        marked = {"If-None-Match": mark} if mark else None
        status, headers, text = self._requester.requestJson(method, path, query or None, marked, body)
        if status >= 400:
            raise _refusal(status, headers, text)
        if status == 304:
            return _loaded(known)
        data = _loaded(text) if text else None
        self._keep(question, headers, text)
        return data

    def _keep(self, question: str, headers: Mapping[str, str], text: str) -> None:
        mark = headers.get("etag", "")
        if question and mark and len(text) <= LARGEST_KEPT:
            self._kept[question] = mark, text
            self._kept.move_to_end(question)
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

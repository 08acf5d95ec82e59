"""PyGithub's requester, bounded and recorded; shared by what GitHub does for us as source and as CI.

Each call is one request: PyGithub's retries and pacing are off. Answers are parsed into types by the callers.
Source: https://docs.github.com/en/rest
"""

from typing import Any, TypeVar

from github import Auth, Github, GithubException
from github.Requester import HTTPRequestsConnectionClass, HTTPSRequestsConnectionClass, Requester
from pydantic import BaseModel, SecretStr, ValidationError

from integrations import http
from integrations.errors import IntegrationError, Invalid, Transient, from_status

PROVIDER = "github"
Answer = TypeVar("Answer", bound=BaseModel)


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

    def call(self, method: str, path: str, body: dict[str, Any] | None = None, **query: Any) -> Any:
        """The answer's JSON. Raises IntegrationError."""
        try:
            _, data = self._requester.requestJsonAndCheck(method, path, parameters=query or None, input=body)
        except GithubException as error:
            raise _error(error) from error
        except ValueError as error:  # the library parses the body; what it meant is not known
            raise Transient(PROVIDER, "answered something that is not JSON", detail=str(error)) from error
        return data

    def get(self, model: type[Answer], path: str, **query: Any) -> Answer:
        return parsed(model, self.call("GET", path, **query))

    def post(self, model: type[Answer], path: str, body: dict[str, Any]) -> Answer:
        return parsed(model, self.call("POST", path, body))

    def text(self, path: str) -> str:
        """A job's log: GitHub answers with an address elsewhere that is signed itself and must not see our token.

        https://docs.github.com/en/rest/actions/workflow-jobs#download-job-logs-for-a-workflow-run
        """
        try:
            status, headers, text = self._requester.requestJson("GET", path)
        except GithubException as error:
            raise _error(error) from error
        if status != 302:
            raise from_status(PROVIDER, status, "the log is not there", headers, detail=str(text)[:500])
        answer = self._plain.get(headers["location"])
        if not answer.ok:
            raise from_status(
                PROVIDER, answer.status_code, "the log is not there", answer.headers, detail=answer.text[:500]
            )
        return answer.text


def parsed(model: type[Answer], data: Any) -> Answer:
    """The answer as a type. Raises Invalid, showing what came instead."""
    try:
        return model.model_validate(data)
    except ValidationError as error:
        raise Invalid(
            PROVIDER, "answered something we do not understand", detail=f"{error}\n{str(data)[:500]}"
        ) from error


def _error(error: GithubException) -> IntegrationError:
    data = error.data if isinstance(error.data, dict) else {}
    message = str(data.get("message") or error.data or "no message")
    return from_status(PROVIDER, error.status, message, error.headers or {}, detail=str(error.data)[:1000])

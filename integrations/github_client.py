"""Requests to GitHub's REST API, for GitHub as source host and for GitHub Actions. https://docs.github.com/en/rest

Each call is one request. A GET that was answered before is sent with the ETag of its last answer: "not modified" does
not count against GitHub's rate limit. The callers parse answers into types.
"""

import json
import threading
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any
from urllib.parse import urljoin

from github.Requester import Requester
from pydantic import SecretStr

import patterns
from integrations import answers, http
from integrations.answers import Answer
from integrations.errors import Denied, IntegrationError, Invalid, Transient, from_status
from integrations.github_logs import end_of_log
from integrations.github_requester import PROVIDER, requester

REDIRECTS = (302, 307, 308)
MAX_REDIRECTS = 3
PAGE_SIZE = 100
MAX_PAGES = 50
_OF_CREDENTIALS = patterns.compile(
    r"SAML enforcement|IP allow list|installation has been suspended|forbids access via", ignore_case=True
)
"""Only the message tells that an organisation refuses our token or App altogether."""
MAX_CACHED = 500
MAX_CACHED_SIZE = 50_000
"""Characters of an answer that is cached; larger ones (trees, files) never change under one address."""


class GitHubClient:
    """Requests to one GitHub with one token."""

    def __init__(self, api_url: str, token: SecretStr) -> None:
        self._api_url = api_url.rstrip("/")
        self._token = token
        self._threads = threading.local()
        self._anonymous = http.session(PROVIDER)
        self._cache: OrderedDict[str, tuple[str, str]] = OrderedDict()
        """Path and query → (ETag, text) of the last answer, the oldest first."""

    @property
    def _requester(self) -> Requester:
        """One for each thread; with a shared one, a thread could send another thread's request."""
        existing: Requester | None = getattr(self._threads, "requester", None)
        if existing is None:
            existing = self._threads.requester = requester(self._api_url, self._token)
        return existing

    def call(self, method: str, path: str, body: dict[str, Any] | None = None, **query: Any) -> Any:
        """The answer's JSON; None where it has no body. Raises IntegrationError."""
        key = f"{path}?{json.dumps(query, sort_keys=True)}" if method == "GET" else ""
        etag, cached = self._cache.get(key, ("", ""))
        condition = {"If-None-Match": etag} if etag else None
        status, headers, text = self._follow_redirects(method, path, query, condition, body)
        if status >= 400:
            raise _refusal(status, headers, text)
        if status == 304:
            return _json(cached)
        data = _json(text) if text else None
        self._cache_answer(key, headers, text)
        return data

    def get(self, model: type[Answer], path: str, **query: Any) -> Answer:
        return parse(model, self.call("GET", path, **query))

    def post(self, model: type[Answer], path: str, body: dict[str, Any]) -> Answer:
        return parse(model, self.call("POST", path, body))

    def page(self, model: type[Answer], path: str, **query: Any) -> list[Answer]:
        """One page of a listing."""
        data = self.call("GET", path, **query)
        if not isinstance(data, list):
            raise Invalid(PROVIDER, answers.MESSAGE, detail=f"{path} is not a list: {str(data)[:500]}")
        return [parse(model, item) for item in data]

    def pages(self, model: type[Answer], path: str) -> list[Answer]:
        """Every page of a listing. Raises Invalid where there are too many."""
        items: list[Answer] = []
        for number in range(1, MAX_PAGES + 1):
            page = self.page(model, path, per_page=PAGE_SIZE, page=number)
            items += page
            if len(page) < PAGE_SIZE:
                return items
        raise Invalid(PROVIDER, f"{path} has more than {MAX_PAGES * PAGE_SIZE:,} entries")

    def log(self, path: str) -> str:
        """The end of a job's log: GitHub redirects to a signed address elsewhere, which must not see our token.

        https://docs.github.com/en/rest/actions/workflow-jobs#download-job-logs-for-a-workflow-run
        """
        status, headers, text = self._send("GET", path)
        if status != 302 or "location" not in headers:
            raise from_status(PROVIDER, status, "the log is not available", headers, detail=text)
        return end_of_log(self._anonymous, headers["location"])

    def _follow_redirects(
        self, method: str, path: str, query: dict[str, Any], headers: dict[str, str] | None, body: Any
    ) -> tuple[int, Mapping[str, str], str]:
        """The answer from the current address of what was moved (a renamed repository), after a few redirects at most.

        https://docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api#follow-redirects
        """
        for _ in range(1 + MAX_REDIRECTS):
            status, response_headers, text = self._send(method, path, query, headers, body)
            if status not in REDIRECTS:
                return status, response_headers, text
            location = urljoin(self._api_url, response_headers.get("location", ""))
            if not location.startswith(self._api_url):
                break
            path, query = location.removeprefix(self._api_url), {}
        message = f"redirects to {response_headers.get('location', 'nowhere')}, which Onramp does not follow"
        raise Transient(PROVIDER, message, status=status, ambiguous=False)

    def _send(
        self, method: str, path: str, query: Any = None, headers: dict[str, str] | None = None, body: Any = None
    ) -> tuple[int, Mapping[str, str], str]:
        """Raises Invalid for headers that PyGithub cannot read."""
        try:
            return self._requester.requestJson(method, path, query or None, headers, body)
        except (ValueError, OverflowError) as error:  # of numbers in headers
            raise Invalid(PROVIDER, answers.MESSAGE, detail=str(error)) from error

    def _cache_answer(self, key: str, headers: Mapping[str, str], text: str) -> None:
        etag = headers.get("etag", "")
        if key and etag and len(text) <= MAX_CACHED_SIZE:
            self._cache.pop(key, None)
            self._cache[key] = etag, text
        while len(self._cache) > MAX_CACHED:
            self._cache.popitem(last=False)


def parse(model: type[Answer], data: Any) -> Answer:
    """Raises Invalid."""
    return answers.parse(PROVIDER, model, data)


def _json(text: str) -> Any:
    """Raises Transient: after a body that is cut short or not JSON, it is unknown what GitHub did."""
    try:
        return json.loads(text)
    except ValueError as error:
        raise Transient(PROVIDER, "the answer is not JSON", detail=f"{error}: {text[:500]}") from error


def _refusal(status: int, headers: Mapping[str, str], text: str) -> IntegrationError:
    """https://docs.github.com/en/rest/using-the-rest-api/troubleshooting-the-rest-api"""
    try:
        data = json.loads(text)
    except ValueError:
        data = None
    message = str(data.get("message", "")) if isinstance(data, dict) else ""
    if status == 403 and _OF_CREDENTIALS.search(message[:1000]):
        return Denied(PROVIDER, message, status=status, detail=text[:1000], credentials=True)
    return from_status(PROVIDER, status, message or "no message", headers, detail=text[:1000])

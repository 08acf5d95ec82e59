"""Records complete requests and responses of the simulated GitHub's API, to be checked against GitHub's description.

Only active if ONRAMP_EXCHANGES names a folder. Responses that come from a fault rule are not recorded.
"""

import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase

FOLDER = os.environ.get("ONRAMP_EXCHANGES", "")
RECORDED = "/github/api/"


class ExchangeRecorder:
    """The innermost middleware, so that it sees the responses of the views."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not request.path.startswith(RECORDED):
            return self.get_response(request)
        body = request.body
        response = self.get_response(request)
        _write(
            kind="exchange",
            method=request.method,
            path=request.path,
            request=_parse(body),
            status=response.status_code,
            response=None if response.streaming else _parse(response.content),  # type: ignore[attr-defined]
        )
        return response


def record_webhook(source: str, headers: Mapping[str, str], body: bytes) -> None:
    """Record a webhook of GitHub before it is sent."""
    if FOLDER and source == "github":
        _write(kind="webhook", event=headers["X-GitHub-Event"], body=_parse(body))


def _parse(raw: bytes) -> Any:
    try:
        return json.loads(raw) if raw else None
    except ValueError:
        return None


def _write(**record: Any) -> None:
    """Append one line in a single call, so that the lines of several threads do not mix."""
    line = json.dumps(record).encode() + b"\n"
    descriptor = os.open(Path(FOLDER) / f"{os.getpid()}.jsonl", os.O_APPEND | os.O_CREAT | os.O_WRONLY, 0o600)
    try:
        os.write(descriptor, line)
    finally:
        os.close(descriptor)

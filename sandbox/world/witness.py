"""Writes down what GitHub's part was asked and answered, in full, so that somebody can judge it.

Only where ONRAMP_EXCHANGES names a folder. Answers that a rule of misbehaviour made are not among them.
"""

import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase

FOLDER = os.environ.get("ONRAMP_EXCHANGES", "")
JUDGED = "/github/api/"


class Witness:
    """The innermost middleware: it sees what the views really answer."""

    def __init__(self, answer: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not request.path.startswith(JUDGED):
            return self.answer(request)
        asked = request.body
        response = self.answer(request)
        _write(
            kind="exchange",
            method=request.method,
            path=request.path,
            request=_parsed(asked),
            status=response.status_code,
            response=None if response.streaming else _parsed(response.content),  # type: ignore[attr-defined]
        )
        return response


def webhook(source: str, headers: Mapping[str, str], body: bytes) -> None:
    """A webhook that is about to be sent."""
    if FOLDER and source == "github":
        _write(kind="webhook", event=headers["X-GitHub-Event"], body=_parsed(body))


def _parsed(raw: bytes) -> Any:
    try:
        return json.loads(raw) if raw else None
    except ValueError:
        return None


def _write(**told: Any) -> None:
    """One line, appended in one call, so that threads do not mix theirs."""
    line = json.dumps(told).encode() + b"\n"
    descriptor = os.open(Path(FOLDER) / f"{os.getpid()}.jsonl", os.O_APPEND | os.O_CREAT | os.O_WRONLY, 0o600)
    try:
        os.write(descriptor, line)
    finally:
        os.close(descriptor)

"""Sessions in the database, found by the hash of their key, and how they end."""

import hashlib
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends import db
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from catalog.models import Person
from portal.client_address import client_address
from portal.models import Session

SEEN_EVERY = timedelta(minutes=1)
"""How old `seen_at` may be: not every request writes a row."""


def digest_of(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


class SessionStore(db.SessionStore):
    """Django's store, except that the row has the hash of the key."""

    seen_at = None

    @classmethod
    def get_model_class(cls) -> type[Session]:
        return Session

    def _get_session_from_db(self) -> Session | None:
        rows = Session.objects.filter(pk=digest_of(self.session_key or ""), expire_date__gt=timezone.now())
        row = rows.first()
        if row is None:
            self._session_key = None
            return None
        self.seen_at = row.seen_at
        return row

    def exists(self, session_key: str) -> bool:
        return Session.objects.filter(pk=digest_of(session_key)).exists()

    def create_model_instance(self, data: dict[str, Any]) -> Session:
        row: Session = super().create_model_instance(data)  # type: ignore[assignment]
        row.session_key = digest_of(row.session_key)
        row.person_id = data.get(SESSION_KEY)
        return row

    def delete(self, session_key: str | None = None) -> None:
        key = session_key or self.session_key
        if key:
            Session.objects.filter(pk=digest_of(key)).delete()


class SeenDevices:
    """Notes when, with what and from where a signed-in person's session was last used."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        store = request.session
        if request.user.is_authenticated and store.session_key:
            last = getattr(store, "seen_at", None)
            if last is None or timezone.now() - last > SEEN_EVERY:
                _note(request, digest_of(store.session_key))
        return self.get_response(request)


def _note(request: HttpRequest, digest: str) -> None:
    browser = request.headers.get("User-Agent", "")[:200]
    seen = {"seen_at": timezone.now(), "browser": browser, "address": client_address(request)}
    Session.objects.filter(pk=digest).update(**seen)


def sessions_of(person: Person) -> list[Session]:
    """The person's live sessions, the most recently used first."""
    rows = Session.objects.filter(person=person, expire_date__gt=timezone.now())
    return sorted(rows, key=lambda row: row.seen_at or row.created_at, reverse=True)


def end_sessions_of(person: Person, *, except_for: str = "") -> int:
    """Sign the person out everywhere, except for the session with this digest; returns how many ended."""
    count, _ = Session.objects.filter(person=person).exclude(pk=except_for).delete()
    return count

"""A request with an idempotency key is answered once: the same key means the same onboarding."""

from catalog.models import Person
from onboarding.models import IdempotencyKey, Onboarding


class KeyReused(Exception):
    """The same idempotency key arrived with another request."""


def remember(person: Person, key: str, request: str, onboarding: Onboarding) -> None:
    if not key:
        return
    answer = {"onboarding": onboarding, "request_digest": request}
    row, _ = IdempotencyKey.objects.get_or_create(person=person, key=key, defaults=answer)
    _same_request(row, request)


def answered(person: Person, key: str, request: str) -> Onboarding | None:
    row = IdempotencyKey.objects.filter(person=person, key=key).first() if key else None
    return _same_request(row, request).onboarding if row else None


def _same_request(row: IdempotencyKey, request: str) -> IdempotencyKey:
    if row.request_digest != request:
        raise KeyReused("This idempotency key was used for another request.")
    return row

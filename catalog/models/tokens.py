"""Bearer tokens of the API."""

import hashlib
import secrets
from datetime import timedelta

from django.db import models
from django.utils import timezone

from catalog.models.people import Person


class ApiToken(models.Model):
    """A bearer token of the API: only its hash is stored, and it expires."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="api_tokens")
    name = models.CharField(max_length=80)
    digest = models.CharField(max_length=64, unique=True)
    writes = models.BooleanField(default=True, help_text="may start, retry and cancel; otherwise only reads")
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.name} of {self.person}"

    @staticmethod
    def digest_of(value: str) -> str:
        return hashlib.sha256(value.encode()).hexdigest()

    @classmethod
    def issue(cls, person: Person, name: str, *, days: int = 90, writes: bool = True) -> tuple["ApiToken", str]:
        """A new token and its value, which is shown only once."""
        value = f"onramp_{secrets.token_urlsafe(32)}"
        row = cls.objects.create(
            person=person,
            name=name,
            digest=cls.digest_of(value),
            writes=writes,
            expires_at=timezone.now() + timedelta(days=days),
        )
        return row, value

    @classmethod
    def find(cls, value: str) -> "ApiToken | None":
        """The valid token with this value whose person may still sign in."""
        return (
            cls.objects.select_related("person")
            .filter(digest=cls.digest_of(value), expires_at__gt=timezone.now(), person__is_active=True)
            .first()
        )

"""Who is signed in, on which device."""

from importlib import import_module
from typing import Any

from django.conf import settings
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.utils import timezone

from catalog.models import Person

CHANGING = ("session_data", "expire_date", "person")


class Session(AbstractBaseSession):
    """One browser's session. The key that its cookie holds is not stored, only its SHA-256: who reads the table is nobody."""

    session_key = models.CharField(max_length=64, primary_key=True, help_text="SHA-256 of the cookie's key")
    person = models.ForeignKey(Person, null=True, on_delete=models.CASCADE, related_name="sessions")
    created_at = models.DateTimeField(default=timezone.now)
    seen_at = models.DateTimeField(null=True, blank=True, help_text="to the minute")
    browser = models.CharField(max_length=200, blank=True, help_text="the User-Agent it last sent")
    address = models.GenericIPAddressField(null=True, blank=True)

    class Meta:
        verbose_name = "session"

    def save(self, *arguments: Any, **options: Any) -> None:
        """The session store writes a new instance each time, which knows nothing of the device."""
        if options.get("force_update"):
            options["update_fields"] = CHANGING
        super().save(*arguments, **options)

    @classmethod
    def get_session_store_class(cls) -> Any:
        """By the setting: the store imports this model."""
        return import_module(settings.SESSION_ENGINE).SessionStore

from django.apps import AppConfig


class PortalConfig(AppConfig):
    name = "portal"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from portal import checks, presence  # noqa: F401, PLC0415 - registers the checks, and what is recorded of sessions

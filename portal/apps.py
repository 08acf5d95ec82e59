from django.apps import AppConfig


class PortalConfig(AppConfig):
    name = "portal"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from catalog import leaving  # noqa: PLC0415 - models are loaded only now
        from portal import checks, sessions  # noqa: F401, PLC0415 - registers the checks

        leaving.on_departure(sessions.end_sessions_of)

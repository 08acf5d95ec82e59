from django.apps import AppConfig


class PortalConfig(AppConfig):
    name = "portal"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from events.retention import set_removal  # noqa: PLC0415 - the apps are loaded by now
        from portal import checks, presence, retention  # noqa: F401, PLC0415 - registers checks, and what is recorded of sessions

        set_removal(retention.remove_a_little)

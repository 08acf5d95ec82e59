"""Registers steps, listeners and checks when the process starts."""

from django.apps import AppConfig


class OnboardingConfig(AppConfig):
    name = "onboarding"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from onboarding import wiring  # noqa: PLC0415 - models are loaded only now

        wiring.connect()

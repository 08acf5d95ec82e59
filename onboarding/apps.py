"""Hands the engine what it needs at start-up: steps, bell, listeners."""

from django.apps import AppConfig


class OnboardingConfig(AppConfig):
    name = "onboarding"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from onboarding import wiring  # noqa: PLC0415 - models are loaded only now

        wiring.connect()

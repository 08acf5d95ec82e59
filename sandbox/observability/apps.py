from django.apps import AppConfig


class ObservabilityConfig(AppConfig):
    name = "sandbox.observability"
    label = "observability"

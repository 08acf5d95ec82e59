from django.apps import AppConfig


class KubernetesConfig(AppConfig):
    name = "sandbox.kubernetes"
    label = "kubernetes"

from django.apps import AppConfig


class GitHubConfig(AppConfig):
    name = "sandbox.github"
    label = "github"

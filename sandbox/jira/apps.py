from django.apps import AppConfig


class JiraConfig(AppConfig):
    name = "sandbox.jira"
    label = "jira"

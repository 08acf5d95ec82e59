from django.apps import AppConfig


class MessagesConfig(AppConfig):
    name = "sandbox.messages"
    label = "messages"

"""The chat under `/slack/` and the mailbox under `/mailbox/`."""

from django.urls import URLPattern, URLResolver, path

from sandbox.messages import mailbox, slack

urlpatterns: list[URLPattern | URLResolver] = [
    path("slack/", slack.page),
    path("slack/api/auth.test", slack.auth_test),
    path("slack/api/users.lookupByEmail", slack.lookup_by_email),
    path("slack/api/conversations.history", slack.history),
    path("slack/api/chat.postMessage", slack.post_message),
    path("mailbox/", mailbox.page),
    path("mailbox/messages", mailbox.messages),
]

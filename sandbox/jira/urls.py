"""JIRA's URLs: the pages, REST API v2 and the registration of webhooks."""

from django.urls import URLPattern, URLResolver, path

from sandbox.jira import board, rest, webhook_api
from sandbox.jira.access import Edition

API = "rest/api/2"
HOOKS = "rest/webhooks/1.0/webhook"


def shared(root: str, edition: Edition) -> list[URLPattern]:
    """The resources that both editions have."""
    of, issue = edition.resource, f"{root}/issue/<str:key>"
    return [
        path(f"{root}/myself", of(get=rest.myself)),
        path(f"{root}/field", of(get=rest.list_fields)),
        path(f"{root}/issue", of(post=rest.create_issue)),
        path(issue, of(get=rest.read_issue, delete=rest.delete_issue)),
        path(f"{issue}/comment", of(get=rest.list_comments, post=rest.add_comment)),
        path(f"{issue}/transitions", of(get=rest.list_transitions, post=rest.transition_issue)),
        path(f"{issue}/remotelink", of(get=rest.list_remote_links, post=rest.set_remote_link)),
        path(f"{issue}/properties/<str:name>", of(get=rest.read_property, put=rest.set_property)),
    ]


SERVER = Edition()

urlpatterns: list[URLPattern | URLResolver] = [
    path("", board.board),
    path("_/lag", board.lag),
    path("browse/<str:key>", board.ticket),
    path("browse/<str:key>/<slug:button>", board.press),
    path(f"{API}/serverInfo", SERVER.resource(get=rest.server_info)),
    path(f"{API}/search", SERVER.resource(get=rest.search)),
    *shared(API, SERVER),
    path(HOOKS, SERVER.resource(get=webhook_api.list_webhooks, post=webhook_api.register)),
    path(f"{HOOKS}/<int:number>", SERVER.resource(delete=webhook_api.delete)),
]

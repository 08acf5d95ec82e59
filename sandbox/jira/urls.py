"""JIRA's URLs: the pages, REST API v2 and the registration of webhooks."""

from django.urls import URLPattern, URLResolver, path

from sandbox.jira import board, rest, webhook_api
from sandbox.jira.access import resource

API = "rest/api/2"
HOOKS = "rest/webhooks/1.0/webhook"

urlpatterns: list[URLPattern | URLResolver] = [
    path("", board.board),
    path("_/lag", board.lag),
    path("browse/<str:key>", board.ticket),
    path("browse/<str:key>/<slug:button>", board.press),
    path(f"{API}/serverInfo", resource(get=rest.server_info)),
    path(f"{API}/myself", resource(get=rest.myself)),
    path(f"{API}/field", resource(get=rest.list_fields)),
    path(f"{API}/search", resource(get=rest.search)),
    path(f"{API}/issue", resource(post=rest.create_issue)),
    path(f"{API}/issue/<str:key>", resource(get=rest.read_issue, delete=rest.delete_issue)),
    path(f"{API}/issue/<str:key>/comment", resource(get=rest.list_comments, post=rest.add_comment)),
    path(f"{API}/issue/<str:key>/transitions", resource(get=rest.list_transitions, post=rest.transition_issue)),
    path(f"{API}/issue/<str:key>/remotelink", resource(get=rest.list_remote_links, post=rest.set_remote_link)),
    path(f"{API}/issue/<str:key>/properties/<str:name>", resource(get=rest.read_property, put=rest.set_property)),
    path(HOOKS, resource(get=webhook_api.list_webhooks, post=webhook_api.register)),
    path(f"{HOOKS}/<int:number>", resource(delete=webhook_api.delete)),
]

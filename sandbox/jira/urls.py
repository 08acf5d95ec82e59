"""JIRA's addresses: the pages, REST API v2 and the registration of webhooks."""

from django.urls import URLPattern, URLResolver, path

from sandbox.jira import board, rest
from sandbox.jira.access import rest as resource

API = "rest/api/2"
HOOKS = "rest/webhooks/1.0/webhook"

urlpatterns: list[URLPattern | URLResolver] = [
    path("", board.board),
    path("_/lag", board.lag),
    path("browse/<str:key>", board.ticket),
    path("browse/<str:key>/<slug:button>", board.pressed),
    path(f"{API}/serverInfo", resource(get=rest.server_info)),
    path(f"{API}/myself", resource(get=rest.myself)),
    path(f"{API}/field", resource(get=rest.fields)),
    path(f"{API}/search", resource(get=rest.searched)),
    path(f"{API}/issue", resource(post=rest.created)),
    path(f"{API}/issue/<str:key>", resource(get=rest.issue, delete=rest.deleted)),
    path(f"{API}/issue/<str:key>/comment", resource(get=rest.comments, post=rest.commented)),
    path(f"{API}/issue/<str:key>/transitions", resource(get=rest.transitions, post=rest.transitioned)),
    path(f"{API}/issue/<str:key>/remotelink", resource(get=rest.remote_links, post=rest.remote_linked)),
    path(f"{API}/issue/<str:key>/properties/<str:name>", resource(get=rest.issue_property, put=rest.property_set)),
    path(HOOKS, resource(get=rest.hooks, post=rest.hook_registered)),
    path(f"{HOOKS}/<int:number>", resource(delete=rest.hook_removed)),
]

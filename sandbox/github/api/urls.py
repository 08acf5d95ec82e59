"""The URLs below `/github/api/v3/`."""

from typing import Any

from django.urls import URLPattern, path, re_path

from sandbox.github.api import (
    actions,
    checks,
    git_objects,
    git_refs,
    hooks,
    people,
    pulls,
    repositories,
    subject_claims,
)
from sandbox.github.api.routing import by_id, route


def repo(suffix: str, **views: Any) -> URLPattern:
    return path(f"repos/<str:owner>/<str:name>{suffix}", route(repository=True, **views))


def branch(suffix: str, **views: Any) -> URLPattern:
    """A separate pattern, because branch names can contain slashes."""
    pattern = rf"^repos/(?P<owner>[^/]+)/(?P<name>[^/]+)/branches/(?P<branch>.+?){suffix}$"
    return re_path(pattern, route(repository=True, **views))


urlpatterns = [
    re_path(r"^repositories/(?P<number>[^/]+)(?P<rest>/.*)?$", by_id),
    path("user", route(GET=people.me)),
    path("user/emails", route(GET=people.my_emails)),
    path("rate_limit", route(GET=people.rate_limit)),
    path("orgs/<str:org>/repos", route(POST=repositories.create_in_organisation)),
    path("orgs/<str:org>/teams", route(GET=people.teams)),
    path("orgs/<str:org>/teams/<str:slug>/members", route(GET=people.members)),
    path("orgs/<str:org>/teams/<str:slug>/repos", route(GET=people.team_repositories)),
    path(
        "orgs/<str:org>/teams/<str:slug>/repos/<str:owner>/<str:name>",
        route(repository=True, PUT=people.add_team_repository),
    ),
    repo("/hooks", GET=hooks.listing, POST=hooks.create),
    repo("/hooks/<int:number>", DELETE=hooks.delete),
    repo("/hooks/<int:number>/deliveries", GET=hooks.deliveries),
    repo("/hooks/<int:number>/deliveries/<int:delivery>", GET=hooks.delivery),
    repo("/hooks/<int:number>/deliveries/<int:delivery>/attempts", POST=hooks.redeliver),
    repo("", GET=repositories.show, PATCH=repositories.change, DELETE=repositories.delete),
    repo("/transfer", POST=repositories.transfer),
    repo("/actions/oidc/customization/sub", GET=subject_claims.of_repository, PUT=subject_claims.set_of_repository),
    repo("/teams", GET=people.repository_teams),
    repo("/collaborators/<str:login>", PUT=people.add_collaborator),
    repo("/collaborators/<str:login>/permission", GET=people.collaborator_permission),
    repo("/branches", GET=repositories.branches),
    branch("/protection/required_pull_request_reviews", GET=repositories.required_reviews),
    branch("/protection", PUT=repositories.protect, DELETE=repositories.unprotect),
    branch("/rename", POST=repositories.rename_branch),
    branch("", GET=repositories.branch),
    repo("/git/ref/<path:ref>", GET=git_refs.ref),
    repo("/git/refs", POST=git_refs.create_ref),
    repo("/git/refs/<path:ref>", GET=git_refs.ref, PATCH=git_refs.update_ref, DELETE=git_refs.delete_ref),
    repo("/git/trees", POST=git_objects.create_tree),
    repo("/git/trees/<path:sha>", GET=git_objects.tree),
    repo("/git/blobs", POST=git_objects.create_blob),
    repo("/git/blobs/<str:sha>", GET=git_objects.blob),
    repo("/git/commits", POST=git_objects.create_commit),
    repo("/git/commits/<str:sha>", GET=git_objects.commit),
    repo("/commits/<path:ref>/check-runs", GET=checks.check_runs),
    repo("/commits/<path:ref>/status", GET=checks.combined_status),
    repo("/compare/<path:basehead>", GET=git_objects.compare),
    repo("/contents/<path:path>", GET=git_objects.file),
    repo("/pulls", GET=pulls.listing, POST=pulls.create),
    repo("/pulls/<int:number>", GET=pulls.show, PATCH=pulls.change),
    repo("/pulls/<int:number>/commits", GET=pulls.commits_of),
    repo("/pulls/<int:number>/merge", PUT=pulls.merge),
    repo("/pulls/<int:number>/update-branch", PUT=pulls.update_branch),
    repo("/pulls/<int:number>/reviews", GET=pulls.reviews, POST=pulls.review),
    repo("/check-runs", POST=checks.create_check_run),
    repo("/check-runs/<int:number>", GET=checks.check_run, PATCH=checks.change_check_run),
    repo("/actions/permissions", GET=actions.permissions, PUT=actions.set_permissions),
    repo("/rules/branches/<path:branch>", GET=repositories.rules),
    repo("/actions/workflows/<str:workflow>", GET=actions.workflow),
    repo("/actions/workflows/<str:workflow>/disable", PUT=actions.disable_workflow),
    repo("/actions/workflows/<str:workflow>/enable", PUT=actions.enable_workflow),
    repo("/actions/workflows/<str:workflow>/runs", GET=actions.runs_of_workflow),
    repo("/actions/runs", GET=actions.runs),
    repo("/actions/runs/<int:number>/pending_deployments", GET=actions.pending_deployments),
    repo("/actions/runs/<int:number>", GET=actions.run),
    repo("/actions/runs/<int:number>/jobs", GET=actions.jobs),
    repo("/actions/runs/<int:number>/rerun", POST=actions.rerun),
    repo("/actions/runs/<int:number>/rerun-failed-jobs", POST=actions.rerun),
    repo("/actions/runs/<int:number>/cancel", POST=actions.cancel),
    repo("/actions/jobs/<int:number>/logs", GET=actions.job_logs),
]

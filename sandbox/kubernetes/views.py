"""The HTTP interface of the API server: paths, verbs and content types. Other modules make the decisions."""

import json
from collections.abc import Callable
from typing import Any

import yaml
from django.http import HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.csrf import csrf_exempt

from sandbox.kubernetes import (
    authorization,
    failures,
    kinds,
    podlogs,
    reviews,
    selectors,
    store,
    watching,
    writing,
)
from sandbox.kubernetes.authentication import User, user_of
from sandbox.kubernetes.failures import Failure, bad_request
from sandbox.kubernetes.kinds import Kind

Body = dict[str, Any]
APPLY = "application/apply-patch+yaml"
MERGE_PATCHES = ("application/merge-patch+json", "application/strategic-merge-patch+json")
"""Both replace a list as a whole here; only apply supports keyed lists."""
VERSION = {"major": "1", "minor": "36", "gitVersion": "v1.36.3-sandbox", "platform": "linux/amd64"}


def with_failures(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """The view, with each Failure as a Status in the response."""

    def wrapper(request: HttpRequest, **parameters: str) -> HttpResponseBase:
        try:
            return view(request, **parameters)
        except Failure as failure:
            return JsonResponse(failure.status(), status=failure.code)

    return csrf_exempt(wrapper)


@with_failures
def version(request: HttpRequest) -> HttpResponse:
    return JsonResponse(VERSION)


@with_failures
def discovery(request: HttpRequest, group: str = "", version: str = "") -> HttpResponse:
    """`/api`, `/api/v1`, `/apis` and `/apis/<group>/<version>`."""
    user_of(request)
    if version:
        resources = kinds.resource_list(group, version)
        return JsonResponse(resources) if resources else HttpResponse("404 page not found\n", status=404)
    if request.path.endswith("/api"):
        return JsonResponse({"kind": "APIVersions", "versions": ["v1"], "serverAddressByClientCIDRs": []})
    return JsonResponse(kinds.group_list())


@with_failures
def resource(
    request: HttpRequest,
    plural: str,
    group: str = "",
    version: str = "v1",
    namespace: str = "",
    name: str = "",
    subresource: str = "",
) -> HttpResponseBase:
    """Every request about an object, a list of objects, or a subresource."""
    user = user_of(request)
    kind = kinds.at(group, version, plural)
    is_unknown = kind is not None and subresource and (kind.kind, subresource) != ("Pod", "log")
    if kind is None or is_unknown or (namespace and not kind.namespaced):
        raise failures.no_such_resource()
    _authorize(request, user, kind, namespace, name, subresource)
    if subresource and request.method != "GET":
        raise failures.not_allowed()
    if subresource:
        return podlogs.response(request, store.get(kind, namespace, name))
    if request.method == "GET":
        return JsonResponse(store.get(kind, namespace, name)) if name else _list(request, kind, namespace)
    return _write(request, user, kind, namespace, name)


_VERBS = {"POST": "create", "PUT": "update", "PATCH": "patch", "DELETE": "delete"}


def _authorize(request: HttpRequest, user: User, kind: Kind, namespace: str, name: str, subresource: str) -> None:
    verb = _VERBS.get(request.method or "")
    if verb is None:
        verb = "get" if name else "watch" if _is_set(request, "watch") else "list"
    if not kind.stored:  # every authenticated user can review their own access (system:basic-user)
        if user.name == "system:anonymous":
            raise failures.unauthorized()
        if kind.kind.startswith("Self"):
            return
    scope = name if kind.kind == "Namespace" else namespace
    target = f"{kind.plural}/{subresource}" if subresource else kind.plural
    authorization.require(user, authorization.Request(verb, kind.group, target, scope, name), kind)


def _is_set(request: HttpRequest, name: str) -> bool:
    return request.GET.get(name, "") in ("true", "1", "True")


def _list(request: HttpRequest, kind: Kind, namespace: str) -> HttpResponseBase:
    by_labels = selectors.by_labels(request.GET.get("labelSelector", ""))
    by_fields = selectors.by_fields(request.GET.get("fieldSelector", ""))

    def listing() -> list[Body]:
        objects = store.list_objects(kind, namespace)
        return [body for body in objects if by_labels(body) and by_fields(body)]

    if _is_set(request, "watch"):
        since, seconds = request.GET.get("resourceVersion", ""), request.GET.get("timeoutSeconds", "")
        lines = watching.stream(
            listing, int(since) if since.isdigit() else None, float(seconds) if seconds.isdigit() else 300.0
        )
        return StreamingHttpResponse(lines, content_type="application/json")
    revision = store.revision()
    head = {"kind": f"{kind.kind}List", "apiVersion": kind.api_version, "metadata": {"resourceVersion": str(revision)}}
    return JsonResponse({**head, "items": listing()})


def _write(request: HttpRequest, user: User, kind: Kind, namespace: str, name: str) -> HttpResponse:
    agent = request.headers.get("User-Agent", "unknown").partition("/")[0]
    manager = request.GET.get("fieldManager", "") or agent
    write = writing.Write(
        user, kind, namespace, name, manager, bool(request.GET.get("dryRun")), _is_set(request, "force")
    )
    body, status = _METHODS[request.method or ""](request, write)
    response = JsonResponse(body, status=status)
    if write.warnings:
        response["Warning"] = ", ".join(f"299 - {json.dumps(warning)}" for warning in write.warnings)
    return response


def _post(request: HttpRequest, write: writing.Write) -> tuple[Body, int]:
    body = _object(request, write)
    if not write.kind.stored:
        return reviews.review(write.kind, write.user, body), 201
    if write.name:
        raise failures.not_allowed()
    return writing.create(write, body), 201


def _put(request: HttpRequest, write: writing.Write) -> tuple[Body, int]:
    body = _object(request, write)
    return writing.update(write, lambda live: body), 200


def _patch(request: HttpRequest, write: writing.Write) -> tuple[Body, int]:
    content_type = request.content_type or ""
    if content_type == APPLY:
        if not request.GET.get("fieldManager"):
            raise failures.manager_required()
        body, new = writing.server_side_apply(write, _object(request, write))
        return body, 201 if new else 200
    if content_type not in MERGE_PATCHES:
        raise failures.unsupported(content_type)
    patch = _parse(request)
    return writing.update(write, lambda live: _merge(live, patch)), 200


def _merge(target: Any, patch: Any) -> Any:
    """JSON merge patch, RFC 7386."""
    if not isinstance(patch, dict):
        return patch
    result = {key: value for key, value in target.items() if key not in patch} if isinstance(target, dict) else {}
    values = {key: value for key, value in patch.items() if value is not None}
    before = target if isinstance(target, dict) else {}
    return result | {key: _merge(before.get(key), value) for key, value in values.items()}


def _delete(request: HttpRequest, write: writing.Write) -> tuple[Body, int]:
    if not write.name:
        raise failures.not_allowed()
    options = _parse(request) if request.body else {}
    write.dry = write.dry or bool(options.get("dryRun"))
    live = writing.delete(write, options.get("preconditions") or {})
    if write.kind.kind in ("Namespace", "Pod"):
        deleted = {**live, "metadata": {**live["metadata"], "deletionTimestamp": store.now()}}
        return ({**deleted, "status": {"phase": "Terminating"}} if write.kind.kind == "Namespace" else deleted), 200
    details = failures.object_details(write.kind, write.name, live["metadata"]["uid"])
    return {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "details": details}, 200


_METHODS = {"POST": _post, "PUT": _put, "PATCH": _patch, "DELETE": _delete}


def _parse(request: HttpRequest) -> Any:
    """The body, which is JSON or YAML (as apply allows). Raises a 400 Failure."""
    try:
        return json.loads(request.body) if request.body.lstrip()[:1] in (b"{", b"[") else yaml.safe_load(request.body)
    except (ValueError, yaml.YAMLError) as error:
        raise bad_request(f"error converting YAML to JSON: {str(error).splitlines()[0]}") from error


def _object(request: HttpRequest, write: writing.Write) -> Body:
    """The object in the body, which must match the URL. Raises a 400 Failure."""
    body, kind = _parse(request), write.kind
    if not isinstance(body, dict) or not isinstance(body.get("metadata", {}), dict):
        raise bad_request(f"the object provided is unrecognized (must be of type {kind.kind})")
    if (body.get("apiVersion"), body.get("kind")) != (kind.api_version, kind.kind):
        subject = f'{body.get("kind")} in version "{body.get("apiVersion")}"'
        raise bad_request(f"{subject} cannot be handled as a {kind.kind}")
    metadata = body.setdefault("metadata", {})
    for key, expected in (("name", write.name), ("namespace", write.namespace)):
        if expected and metadata.get(key, expected) != expected:
            raise bad_request(f"the {key} of the object ({metadata[key]}) does not match the {key} on the URL")
    return body

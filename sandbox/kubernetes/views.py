"""The HTTP door of the API server: paths, verbs, content types; everything is decided elsewhere."""

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
MERGES = ("application/merge-patch+json", "application/strategic-merge-patch+json")
"""Both replace a list as a whole: only apply knows keyed lists here."""
VERSION = {"major": "1", "minor": "36", "gitVersion": "v1.36.3-sandbox", "platform": "linux/amd64"}


def answering(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Turns a Failure into its Status."""

    def answer(request: HttpRequest, **where: str) -> HttpResponseBase:
        try:
            return view(request, **where)
        except Failure as failure:
            return JsonResponse(failure.status(), status=failure.code)

    return csrf_exempt(answer)


@answering
def version(request: HttpRequest) -> HttpResponse:
    return JsonResponse(VERSION)


@answering
def discovery(request: HttpRequest, group: str = "", version: str = "") -> HttpResponse:
    """`/api`, `/api/v1`, `/apis` and `/apis/<group>/<version>`."""
    user_of(request)
    if version:
        listed = kinds.resource_list(group, version)
        return JsonResponse(listed) if listed else HttpResponse("404 page not found\n", status=404)
    if request.path.endswith("/api"):
        return JsonResponse({"kind": "APIVersions", "versions": ["v1"], "serverAddressByClientCIDRs": []})
    return JsonResponse(kinds.group_list())


@answering
def resource(
    request: HttpRequest,
    plural: str,
    group: str = "",
    version: str = "v1",
    namespace: str = "",
    name: str = "",
    part: str = "",
) -> HttpResponseBase:
    """Everything about objects: one, many, or a subresource of one."""
    user = user_of(request)
    kind = kinds.at(group, version, plural)
    if kind is None or (part and (kind.kind, part) != ("Pod", "log")) or (namespace and not kind.namespaced):
        raise failures.no_such_resource()
    _authorize(request, user, kind, namespace, name, part)
    if part and request.method != "GET":
        raise failures.not_allowed()
    if part:
        return podlogs.answer(request, store.get(kind, namespace, name))
    if request.method == "GET":
        return JsonResponse(store.get(kind, namespace, name)) if name else _list(request, kind, namespace)
    return _write(request, user, kind, namespace, name)


_VERBS = {"POST": "create", "PUT": "update", "PATCH": "patch", "DELETE": "delete"}


def _authorize(request: HttpRequest, user: User, kind: Kind, namespace: str, name: str, part: str) -> None:
    verb = _VERBS.get(request.method or "")
    if verb is None:
        verb = "get" if name else "watch" if _is_set(request, "watch") else "list"
    if not kind.stored:  # everybody who is somebody may ask about themselves (system:basic-user)
        if user.name == "system:anonymous":
            raise failures.unauthorized()
        if kind.kind.startswith("Self"):
            return
    scope = name if kind.kind == "Namespace" else namespace
    wanted = authorization.Request(verb, kind.group, f"{kind.plural}/{part}" if part else kind.plural, scope, name)
    authorization.require(user, wanted, kind)


def _is_set(request: HttpRequest, name: str) -> bool:
    return request.GET.get(name, "") in ("true", "1", "True")


def _list(request: HttpRequest, kind: Kind, namespace: str) -> HttpResponseBase:
    by_labels = selectors.by_labels(request.GET.get("labelSelector", ""))
    by_fields = selectors.by_fields(request.GET.get("fieldSelector", ""))

    def listing() -> list[Body]:
        found = store.every(kind, namespace)
        return [body for body in found if by_labels(body) and by_fields(body)]

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
        response["Warning"] = ", ".join(f"299 - {json.dumps(one)}" for one in write.warnings)
    return response


def _post(request: HttpRequest, write: writing.Write) -> tuple[Body, int]:
    sent = _sent(request, write)
    if not write.kind.stored:
        return reviews.answer(write.kind, write.user, sent), 201
    if write.name:
        raise failures.not_allowed()
    return writing.create(write, sent), 201


def _put(request: HttpRequest, write: writing.Write) -> tuple[Body, int]:
    sent = _sent(request, write)
    return writing.update(write, lambda live: sent), 200


def _patch(request: HttpRequest, write: writing.Write) -> tuple[Body, int]:
    content_type = request.content_type or ""
    if content_type == APPLY:
        if not request.GET.get("fieldManager"):
            raise failures.manager_required()
        body, new = writing.server_side_apply(write, _sent(request, write))
        return body, 201 if new else 200
    if content_type not in MERGES:
        raise failures.unsupported(content_type)
    patch = _parsed(request)
    return writing.update(write, lambda live: _merged(live, patch)), 200


def _merged(target: Any, patch: Any) -> Any:
    """JSON merge patch, RFC 7386."""
    if not isinstance(patch, dict):
        return patch
    result = {key: value for key, value in target.items() if key not in patch} if isinstance(target, dict) else {}
    kept = {key: value for key, value in patch.items() if value is not None}
    before = target if isinstance(target, dict) else {}
    return result | {key: _merged(before.get(key), value) for key, value in kept.items()}


def _delete(request: HttpRequest, write: writing.Write) -> tuple[Body, int]:
    if not write.name:
        raise failures.not_allowed()
    options = _parsed(request) if request.body else {}
    write.dry = write.dry or bool(options.get("dryRun"))
    live = writing.delete(write, options.get("preconditions") or {})
    if write.kind.kind in ("Namespace", "Pod"):
        gone = {**live, "metadata": {**live["metadata"], "deletionTimestamp": store.now()}}
        return ({**gone, "status": {"phase": "Terminating"}} if write.kind.kind == "Namespace" else gone), 200
    details = failures.about(write.kind, write.name, live["metadata"]["uid"])
    return {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "details": details}, 200


_METHODS = {"POST": _post, "PUT": _put, "PATCH": _patch, "DELETE": _delete}


def _parsed(request: HttpRequest) -> Any:
    """The body as JSON or, which apply allows, as YAML. Raises a 400 Failure."""
    try:
        return json.loads(request.body) if request.body.lstrip()[:1] in (b"{", b"[") else yaml.safe_load(request.body)
    except (ValueError, yaml.YAMLError) as error:
        raise bad_request(f"error converting YAML to JSON: {str(error).splitlines()[0]}") from error


def _sent(request: HttpRequest, write: writing.Write) -> Body:
    """The object of the body, which must be the one that the address names. Raises a 400 Failure."""
    sent, kind = _parsed(request), write.kind
    if not isinstance(sent, dict) or not isinstance(sent.get("metadata", {}), dict):
        raise bad_request(f"the object provided is unrecognized (must be of type {kind.kind})")
    if (sent.get("apiVersion"), sent.get("kind")) != (kind.api_version, kind.kind):
        said = f'{sent.get("kind")} in version "{sent.get("apiVersion")}" cannot be handled as a {kind.kind}'
        raise bad_request(said)
    metadata = sent.setdefault("metadata", {})
    for what, wanted in (("name", write.name), ("namespace", write.namespace)):
        if wanted and metadata.get(what, wanted) != wanted:
            raise bad_request(f"the {what} of the object ({metadata[what]}) does not match the {what} on the URL")
    return sent

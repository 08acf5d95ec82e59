"""The cluster's pages: its namespaces, the state of their pods, and each team's allowance, which can be changed there.

The pages write as user `platform`, through the same functions as the API.
"""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from sandbox.kubernetes import podlogs, store, writing
from sandbox.kubernetes.authorization import ALLOWANCES
from sandbox.kubernetes.failures import Failure
from sandbox.kubernetes.kinds import KINDS, named
from sandbox.kubernetes.models import Setting
from sandbox.kubernetes.seed import PLATFORM

Body = dict[str, Any]
RESOURCES = ("requests.cpu", "requests.memory", "pods")
LOG_LINES = 12
SETTINGS = {"username": ("ids", "subject"), "deletion": ("fast", "slow")}
"""Each with its values, the default first."""


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    return _index(request, "")


def _index(request: HttpRequest, problem: str, status: int = 200) -> HttpResponse:
    names = [namespace["metadata"]["name"] for namespace in store.list_objects(named("Namespace"))]
    context = {
        "namespaces": [{"name": name, "pods": store.list_objects(named("Pod"), name)} for name in names],
        "allowances": [_allowance(quota) for quota in store.list_objects(named("ResourceQuota"), ALLOWANCES)],
        "settings": {name: (Setting.of(name) or values[0], values) for name, values in SETTINGS.items()},
        "problem": problem,
    }
    return render(request, "kubernetes/index.html", context, status=status)


def _allowance(quota: Body) -> Body:
    hard = quota["spec"].get("hard") or {}
    fields = [{"name": name, "value": hard.get(name, "")} for name in RESOURCES]
    return {"team": quota["metadata"]["name"], "fields": fields}


@csrf_exempt  # the sandbox has no session that a forged request could use
@require_POST
def setting(request: HttpRequest, name: str) -> HttpResponse:
    if request.POST.get("value") not in SETTINGS.get(name, ()):
        return _index(request, f"{name} is one of {', '.join(SETTINGS.get(name, ()))}", 422)
    Setting.objects.update_or_create(name=name, defaults={"value": request.POST["value"]})
    if (name, request.POST["value"]) == ("deletion", "fast"):
        store.end_terminating()
    return HttpResponseRedirect("/kubernetes/ui/")


@csrf_exempt  # the sandbox has no session that a forged request could use
@require_POST
def allowance(request: HttpRequest, team: str) -> HttpResponse:
    """Change a team's allowance. For an invalid quantity, the page shows the API's message."""
    hard = {name: request.POST[name].strip() for name in RESOURCES if request.POST.get(name, "").strip()}
    write = writing.Write(PLATFORM, named("ResourceQuota"), ALLOWANCES, team, "platform", force=True)
    body = {"apiVersion": "v1", "kind": "ResourceQuota", "metadata": {"name": team}, "spec": {"hard": hard}}
    try:
        writing.server_side_apply(write, body)
    except Failure as failure:
        return _index(request, failure.message, failure.code)
    return HttpResponseRedirect("/kubernetes/ui/")


@require_safe
def namespace(request: HttpRequest, name: str) -> HttpResponse:
    """The content of a namespace, with the state and the last log lines of its pods."""
    kinds = [kind for kind in KINDS if kind.namespaced and kind.kind not in ("Event", "Pod")]
    events = store.list_objects(named("Event"), name)
    exists = store.namespace_exists(name)
    context = {
        "name": name,
        "exists": exists,
        "objects": [(kind.kind, body["metadata"]["name"]) for kind in kinds for body in store.list_objects(kind, name)],
        "events": sorted(events, key=lambda event: event.get("lastTimestamp") or "", reverse=True)[:30],
        "urls": _ingress_urls(name),
        "pods": [_pod(pod) for pod in store.list_objects(named("Pod"), name)],
    }
    return render(request, "kubernetes/namespace.html", context, status=200 if exists else 404)


def _ingress_urls(namespace: str) -> list[str]:
    return [
        f"http://{rule['host']}:{settings.PORT}/"
        for ingress in store.list_objects(named("Ingress", "networking.k8s.io"), namespace)
        for rule in ingress["spec"].get("rules") or []
        if rule.get("host")
    ]


def _pod(pod: Body) -> Body:
    statuses = (pod.get("status") or {}).get("containerStatuses") or []
    states = [
        f"{state}: {(detail or {}).get('reason', '')}".rstrip(": ")
        for status in statuses
        for state, detail in status["state"].items()
    ]
    return {
        "name": pod["metadata"]["name"],
        "phase": (pod.get("status") or {}).get("phase", ""),
        "states": ", ".join(states),
        "ready": bool(statuses) and all(status["ready"] for status in statuses),
        "restarts": sum(status["restartCount"] for status in statuses),
        "log": _log(pod),
    }


def _log(pod: Body) -> str:
    try:
        return podlogs.tail(pod["metadata"]["uid"], pod["spec"]["containers"][0]["name"], LOG_LINES)
    except FileNotFoundError:
        return ""

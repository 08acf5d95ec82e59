"""The cluster's small page: what is in it, how its pods are, and each team's allowance, which one may change here.

What it changes, it changes as user `platform` by the same way as the API.
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
from sandbox.kubernetes.seed import PLATFORM

Body = dict[str, Any]
RESOURCES = ("requests.cpu", "requests.memory", "pods")
SHOWN_LINES = 12


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    return _index(request, "")


def _index(request: HttpRequest, problem: str, status: int = 200) -> HttpResponse:
    spaces = [
        {"name": one["metadata"]["name"], "pods": store.every(named("Pod"), one["metadata"]["name"])}
        for one in store.every(named("Namespace"))
    ]
    shown = {
        "namespaces": spaces,
        "allowances": [_allowance(one) for one in store.every(named("ResourceQuota"), ALLOWANCES)],
        "problem": problem,
    }
    return render(request, "kubernetes/index.html", shown, status=status)


def _allowance(quota: Body) -> Body:
    hard = quota["spec"].get("hard") or {}
    fields = [{"name": name, "value": hard.get(name, "")} for name in RESOURCES]
    return {"team": quota["metadata"]["name"], "fields": fields}


@csrf_exempt  # the sandbox has no sign-in that a forged request could ride on
@require_POST
def allowance(request: HttpRequest, team: str) -> HttpResponse:
    """Changes a team's allowance; a bad quantity comes back with what the API says of it."""
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
    """Everything in one namespace; pods with their state and the last lines that they printed."""
    kinds = [kind for kind in KINDS if kind.namespaced and kind.kind not in ("Event", "Pod")]
    objects = [(kind.kind, one["metadata"]["name"]) for kind in kinds for one in store.every(kind, name)]
    events = sorted(store.every(named("Event"), name), key=lambda one: one.get("lastTimestamp") or "", reverse=True)
    shown = {
        "name": name,
        "objects": objects,
        "events": events[:30],
        "addresses": [
            f"http://{rule['host']}:{settings.PORT}/"
            for ingress in store.every(named("Ingress", "networking.k8s.io"), name)
            for rule in ingress["spec"].get("rules") or []
            if rule.get("host")
        ],
        "known": store.namespace_exists(name),
        "pods": [_pod(pod) for pod in store.every(named("Pod"), name)],
    }
    return render(request, "kubernetes/namespace.html", shown, status=200 if shown["known"] else 404)


def _pod(pod: Body) -> Body:
    statuses = (pod.get("status") or {}).get("containerStatuses") or []
    states = [
        f"{kind}: {(detail or {}).get('reason', '')}".rstrip(": ")
        for one in statuses
        for kind, detail in one["state"].items()
    ]
    return {
        "name": pod["metadata"]["name"],
        "phase": (pod.get("status") or {}).get("phase", ""),
        "states": ", ".join(states),
        "ready": bool(statuses) and all(one["ready"] for one in statuses),
        "restarts": sum(one["restartCount"] for one in statuses),
        "log": _lines(pod),
    }


def _lines(pod: Body) -> str:
    try:
        return podlogs.tail(pod["metadata"]["uid"], pod["spec"]["containers"][0]["name"], SHOWN_LINES)
    except FileNotFoundError:
        return ""

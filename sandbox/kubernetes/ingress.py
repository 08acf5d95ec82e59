"""Ingress routing: a request for a host of an Ingress goes to a ready pod of the rule's Service."""

import http.client
import logging
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from sandbox.kubernetes import services, store
from sandbox.kubernetes.kinds import named
from sandbox.kubernetes.kubelet import node
from sandbox.kubernetes.probes import Connection

Body = dict[str, Any]
logger = logging.getLogger(__name__)
TIMEOUT = 30.0
UNAVAILABLE = "503 Service Temporarily Unavailable"
REPEATED = ("GET", "HEAD")
"""Requests that go to the next pod where one does not respond.
https://kubernetes.github.io/ingress-nginx/user-guide/nginx-configuration/configmap/#proxy-next-upstream"""
_HOP_BY_HOP = {"connection", "keep-alive", "te", "trailers", "transfer-encoding", "upgrade", "content-length", "host"}


class Ingress:
    """Routes hosts under `.localhost` to the cluster. The sandbox's own pages use `localhost` or an IP address."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        host = request.get_host().rpartition(":")[0] or request.get_host()
        if not host.endswith(".localhost"):
            return self.get_response(request)
        backend = _backend(host, request.path)
        if backend is None:
            return _page(404, "default backend - 404", f"No Ingress has a rule for {host}{request.path}.")
        return _forward(request, *backend)


def _backend(host: str, path: str) -> tuple[str, Body] | None:
    """(namespace, backend) of the longest matching path in the rules for this host."""
    matches = [
        (len(rule_path.get("path") or "/"), ingress["metadata"]["namespace"], rule_path["backend"])
        for ingress in store.list_objects(named("Ingress", "networking.k8s.io"))
        for rule in ingress["spec"].get("rules") or []
        if rule.get("host") == host
        for rule_path in (rule.get("http") or {}).get("paths") or []
        if _matches(rule_path, path)
    ]
    best = max(matches, key=lambda match: match[0], default=None)
    return (best[1], best[2]) if best else None


def _matches(rule_path: Body, path: str) -> bool:
    prefix = (rule_path.get("path") or "/").rstrip("/")
    return path == prefix or path.startswith(prefix + "/")


def _forward(request: HttpRequest, namespace: str, backend: Body) -> HttpResponseBase:
    name = (backend.get("service") or {}).get("name", "")
    service = store.find(named("Service"), namespace, name)
    if service is None:
        return _page(503, UNAVAILABLE, f"The Ingress names Service {name}, which does not exist in {namespace}.")
    port = backend["service"].get("port") or {}
    answer: HttpResponseBase = _page(503, UNAVAILABLE, f"Service {name} in {namespace} has no ready pod.")
    for pod in services.ready_pods(service):
        number = services.target_port(service, port.get("number") or port.get("name", ""), pod)
        worker = node.workers.get(pod["metadata"]["uid"])
        if number and worker and worker.network:
            simulated = next((container.simulated for container in worker.containers if container.simulated), "")
            if simulated:
                return _page(200, "Simulated", simulated)
            try:
                return _proxy(request, Connection(worker.network, number, TIMEOUT))
            except (OSError, http.client.HTTPException) as error:
                answer = _page(502, "502 Bad Gateway", f"The pod did not respond: {error}")
            if request.method not in REPEATED:
                break
    return answer


def _proxy(request: HttpRequest, connection: Connection) -> HttpResponse:
    """The pod's answer. Raises OSError and HTTPException where there is none, as from a pod that is being stopped."""
    headers = {name: value for name, value in request.headers.items() if name.lower() not in _HOP_BY_HOP}
    headers |= {"Host": request.get_host(), "X-Forwarded-Proto": "http", "X-Forwarded-Host": request.get_host()}
    try:
        connection.request(request.method or "GET", request.get_full_path(), body=request.body or None, headers=headers)
        answer = connection.getresponse()
        response = HttpResponse(answer.read(), status=answer.status)
    finally:
        connection.close()
    del response["Content-Type"]
    for name, value in answer.getheaders():
        if name.lower() not in _HOP_BY_HOP:
            response[name] = value
    return response


def _page(status: int, title: str, explanation: str) -> HttpResponse:
    return HttpResponse(f"{title}\n\n{explanation}\n", status=status, content_type="text/plain; charset=utf-8")

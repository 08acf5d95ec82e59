"""What the containers of a pod printed: kept in files below the data folder, answered at `/pods/<name>/log`."""

from collections import deque
from pathlib import Path
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from sandbox.kubernetes.failures import bad_request

Body = dict[str, Any]


def path(uid: str, container: str, previous: bool = False) -> Path:
    """The file of a container's lines; `previous` is that of the instance before its last restart."""
    return Path(settings.DATA) / "pods" / uid / f"{container}{'.previous' if previous else ''}.log"


def tail(uid: str, container: str, lines: int | None = None, previous: bool = False) -> str:
    """The last lines, or all of them. Raises FileNotFoundError for a container that never started."""
    with path(uid, container, previous).open(encoding="utf-8", errors="replace") as kept:
        return "".join(deque(kept, maxlen=lines))


def answer(request: HttpRequest, pod: Body) -> HttpResponse:
    """Raises a 400 Failure, in a real server's words, for a container that is not there or has not started."""
    names = [one["name"] for one in pod["spec"]["containers"]]
    name, pod_name = request.GET.get("container", names[0]), pod["metadata"]["name"]
    if name not in names:
        raise bad_request(f"container {name} is not valid for pod {pod_name}")
    wanted = request.GET.get("tailLines", "")
    previous = request.GET.get("previous") == "true"
    try:
        text = tail(pod["metadata"]["uid"], name, int(wanted) if wanted.isdigit() else None, previous)
    except FileNotFoundError as error:
        if previous:
            raise bad_request(f'previous terminated container "{name}" in pod "{pod_name}" not found') from error
        raise bad_request(f'container "{name}" in pod "{pod_name}" is waiting to start: {_waits(pod, name)}') from error
    return HttpResponse(text, content_type="text/plain")


def _waits(pod: Body, name: str) -> str:
    statuses = (pod.get("status") or {}).get("containerStatuses") or []
    waiting = next((one["state"].get("waiting") for one in statuses if one["name"] == name), None) or {}
    reason = waiting.get("reason", "ContainerCreating")
    return "trying and failing to pull image" if "Image" in reason else reason

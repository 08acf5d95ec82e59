"""The output of a pod's containers: stored in files in the data folder, served at `/pods/<name>/log`."""

import threading
from collections import deque
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.db import connections
from django.http import HttpRequest, HttpResponse

from sandbox.kubernetes.failures import bad_request
from sandbox.observability import ingestion

Body = dict[str, Any]
COLLECTED = "co.elastic.logs/enabled"
"""The annotation of pods whose lines go to Elasticsearch."""


def path(uid: str, container: str, previous: bool = False) -> Path:
    """The file with a container's output; with `previous`, that of the instance before the last restart."""
    return Path(settings.DATA) / "pods" / uid / f"{container}{'.previous' if previous else ''}.log"


def collect(pod: Body, container: str, output: IO[bytes] | None) -> threading.Thread:
    """Store the output of a new instance of a container. Returns the thread that reads it to its end."""
    uid = pod["metadata"]["uid"]
    file = path(uid, container)
    file.parent.mkdir(parents=True, exist_ok=True)
    if file.exists():
        file.replace(path(uid, container, previous=True))
    file.touch()
    thread = threading.Thread(target=_copy, args=(pod, container, output), name=f"logs of {container}", daemon=True)
    thread.start()
    return thread


def _copy(pod: Body, container: str, output: IO[bytes]) -> None:
    metadata = pod["metadata"]
    labels, collected = metadata.get("labels") or {}, (metadata.get("annotations") or {}).get(COLLECTED) == "true"
    with path(metadata["uid"], container).open("ab", buffering=0) as file, output:
        for line in output:
            file.write(line)
            if collected:
                text = line.decode(errors="replace").rstrip("\r\n")
                now = datetime.now(UTC)
                ingestion.record_line(metadata["namespace"], metadata["name"], container, labels, text, now)
    connections.close_all()


def tail(uid: str, container: str, lines: int | None = None, previous: bool = False) -> str:
    """The last lines, or all. Raises FileNotFoundError for a container that never started."""
    with path(uid, container, previous).open(encoding="utf-8", errors="replace") as file:
        return "".join(deque(file, maxlen=lines))


def response(request: HttpRequest, pod: Body) -> HttpResponse:
    """The log of a container. Raises a 400 Failure for a container that does not exist or has not started."""
    names = [container["name"] for container in pod["spec"]["containers"]]
    name, pod_name = request.GET.get("container", names[0]), pod["metadata"]["name"]
    if name not in names:
        raise bad_request(f"container {name} is not valid for pod {pod_name}")
    lines = request.GET.get("tailLines", "")
    previous = request.GET.get("previous") == "true"
    try:
        text = tail(pod["metadata"]["uid"], name, int(lines) if lines.isdigit() else None, previous)
    except FileNotFoundError as error:
        if previous:
            raise bad_request(f'previous terminated container "{name}" in pod "{pod_name}" not found') from error
        reason = _waiting_reason(pod, name)
        raise bad_request(f'container "{name}" in pod "{pod_name}" is waiting to start: {reason}') from error
    return HttpResponse(text, content_type="text/plain")


def _waiting_reason(pod: Body, name: str) -> str:
    statuses = (pod.get("status") or {}).get("containerStatuses") or []
    waiting = next((status["state"].get("waiting") for status in statuses if status["name"] == name), None) or {}
    reason = waiting.get("reason", "ContainerCreating")
    return "trying and failing to pull image" if "Image" in reason else reason

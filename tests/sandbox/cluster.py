"""What the tests of the sandbox's cluster need again and again: requests to its API, and manifests that run."""

import base64
import json
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import requests

from tests.sandbox.process import Sandbox

Body = dict[str, Any]
PLATFORM, ONRAMP = "sandbox-platform-cluster-token", "sandbox-onramp-cluster-token"
APPS, NETWORKING = "apis/apps/v1", "apis/networking.k8s.io/v1"


@dataclass
class Api:
    """The API server as one user sees it."""

    url: str
    token: str = PLATFORM

    def send(self, method: str, path: str, body: Any = None, **options: Any) -> requests.Response:
        headers = {"Authorization": f"Bearer {self.token}", **options.pop("headers", {})}
        return requests.request(method, f"{self.url}/{path}", json=body, headers=headers, timeout=20, **options)

    def get(self, path: str, **query: str) -> Body:
        answer = self.send("GET", path, params=query)
        assert answer.ok, answer.text
        return dict(answer.json())

    def apply(self, path: str, body: Body, manager: str = "tests", **query: str) -> requests.Response:
        headers = {"Content-Type": "application/apply-patch+yaml"}
        return self.send("PATCH", path, body, headers=headers, params={"fieldManager": manager, **query})


@dataclass
class Room:
    """A namespace with a pull secret in which applications run."""

    sandbox: Sandbox
    name: str = field(default_factory=lambda: f"room-{uuid.uuid4().hex[:8]}")

    def __post_init__(self) -> None:
        self.api = Api(f"{self.sandbox.url}/kubernetes")
        labels = {"pod-security.kubernetes.io/enforce": "restricted"}
        self._made(f"api/v1/namespaces/{self.name}", "v1", "Namespace", self.name, labels=labels)
        auth = base64.b64encode(b"onramp-bot:sandbox-onramp-token").decode()
        config = json.dumps({"auths": {f"127.0.0.1:{self.sandbox.port}/registry": {"auth": auth}}})
        data = {".dockerconfigjson": base64.b64encode(config.encode()).decode()}
        self.make("api/v1", "Secret", "secrets", "registry", type="kubernetes.io/dockerconfigjson", data=data)

    def make(self, prefix: str, kind: str, plural: str, name: str, **rest: Any) -> Body:
        path = f"{prefix}/namespaces/{self.name}/{plural}/{name}"
        return self._made(path, prefix.removeprefix("apis/").removeprefix("api/"), kind, name, **rest)

    def _made(self, path: str, version: str, kind: str, name: str, **rest: Any) -> Body:
        metadata = {"name": name, "labels": rest.pop("labels", {})}
        body = {"apiVersion": version, "kind": kind, "metadata": metadata, **rest}
        answer = self.api.apply(path, body)
        assert answer.ok, answer.text
        return dict(answer.json())

    def deploy(self, image: str, port: int = 8080, env: dict[str, str] | None = None, **more: Any) -> None:
        """The Deployment `web` of one container; `container`, `pod`, `spec` and `secret` change parts of it."""
        container = _container(image, port, env or {}) | more.get("container", {})
        security = {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}}
        pod: Body = {"securityContext": security, "imagePullSecrets": [{"name": more.get("secret", "registry")}]}
        labels = {"app.kubernetes.io/name": "web"}
        noted = {"prometheus.io/scrape": "true", "prometheus.io/port": str(port), "prometheus.io/path": "/metrics"}
        annotations = {**noted, "co.elastic.logs/enabled": "true"}
        inner = {**pod, **more.get("pod", {}), "containers": [container]}
        template = {"metadata": {"labels": labels, "annotations": annotations}, "spec": inner}
        spec = {"replicas": 1, "selector": {"matchLabels": labels}, "template": template, **more.get("spec", {})}
        self.make(APPS, "Deployment", "deployments", "web", spec=spec)

    def expose(self) -> str:
        """A Service and an Ingress in front of `web`; the host."""
        ports = [{"port": 80, "targetPort": "http"}]
        spec = {"selector": {"app.kubernetes.io/name": "web"}, "ports": ports}
        self.make("api/v1", "Service", "services", "web", spec=spec)
        host = f"web.{self.name}.localhost"
        path = {"path": "/", "pathType": "Prefix", "backend": {"service": {"name": "web", "port": {"number": 80}}}}
        rules = [{"host": host, "http": {"paths": [path]}}]
        self.make(NETWORKING, "Ingress", "ingresses", "web", spec={"rules": rules})
        return host

    def ask(self, host: str, path: str = "/") -> requests.Response:
        headers = {"Host": f"{host}:{self.sandbox.port}"}
        return requests.get(f"{self.sandbox.url}{path}", headers=headers, timeout=10)

    def objects(self, prefix: str, plural: str) -> list[Body]:
        return list(self.api.get(f"{prefix}/namespaces/{self.name}/{plural}")["items"])

    def pods(self) -> list[Body]:
        return self.objects("api/v1", "pods")

    def container(self) -> Body:
        """The status of the one container of the one pod, once it has one."""
        found = [one for pod in self.pods() for one in pod.get("status", {}).get("containerStatuses", [])]
        return found[0] if found else {"state": {}, "ready": False}

    def waiting(self, reason: str) -> Body:
        """The container's state once it waits for this reason."""
        return dict(eventually(lambda: self._waits(reason)))

    def _waits(self, reason: str) -> Body | None:
        found = self.container()
        return found if found["state"].get("waiting", {}).get("reason") == reason else None

    def ready(self) -> Body:
        return dict(eventually(lambda: found if (found := self.container())["ready"] else None))

    def told(self, reason: str) -> str:
        """The message of the first event of this reason, once there is one."""
        return str(
            eventually(lambda: [one["message"] for one in self.objects("api/v1", "events") if one["reason"] == reason])[
                0
            ]
        )

    def deployment(self) -> Body:
        return self.api.get(f"{APPS}/namespaces/{self.name}/deployments/web")

    def remove(self) -> None:
        self.api.send("DELETE", f"api/v1/namespaces/{self.name}")


def _container(image: str, port: int, env: dict[str, str]) -> Body:
    security = {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}}
    return {
        "name": "web",
        "image": image,
        "ports": [{"name": "http", "containerPort": port}],
        "env": [{"name": name, "value": value} for name, value in env.items()],
        "securityContext": security,
        "resources": {"requests": {"cpu": "50m", "memory": "32Mi"}},
        "readinessProbe": {"httpGet": {"path": "/healthz", "port": "http"}},
    }


def eventually(look: Callable[[], Any], seconds: float = 20) -> Any:
    """What `look` finds, once it finds something."""
    deadline = time.monotonic() + seconds
    while not (found := look()):
        assert time.monotonic() < deadline, f"it did not come about within {seconds} s"
        time.sleep(0.1)
    return found

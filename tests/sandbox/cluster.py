"""Requests and manifests for the tests of the sandbox's cluster."""

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
    """A client of the API server, with the token of one user."""

    url: str
    token: str = PLATFORM

    def send(self, method: str, path: str, body: Any = None, **options: Any) -> requests.Response:
        headers = {"Authorization": f"Bearer {self.token}", **options.pop("headers", {})}
        return requests.request(method, f"{self.url}/{path}", json=body, headers=headers, timeout=20, **options)

    def get(self, path: str, **query: str) -> Body:
        response = self.send("GET", path, params=query)
        assert response.ok, response.text
        return dict(response.json())

    def apply(self, path: str, body: Body, manager: str = "tests", **query: str) -> requests.Response:
        headers = {"Content-Type": "application/apply-patch+yaml"}
        return self.send("PATCH", path, body, headers=headers, params={"fieldManager": manager, **query})


@dataclass
class Namespace:
    """A namespace with a pull secret, in which applications can run."""

    sandbox: Sandbox
    name: str = field(default_factory=lambda: f"test-{uuid.uuid4().hex[:8]}")

    def __post_init__(self) -> None:
        self.api = Api(f"{self.sandbox.url}/kubernetes")
        labels = {"pod-security.kubernetes.io/enforce": "restricted"}
        self._apply(f"api/v1/namespaces/{self.name}", "v1", "Namespace", self.name, labels=labels)
        auth = base64.b64encode(b"onramp-bot:sandbox-onramp-token").decode()
        config = json.dumps({"auths": {f"127.0.0.1:{self.sandbox.port}/registry": {"auth": auth}}})
        data = {".dockerconfigjson": base64.b64encode(config.encode()).decode()}
        self.create("api/v1", "Secret", "secrets", "registry", type="kubernetes.io/dockerconfigjson", data=data)

    def create(self, prefix: str, kind: str, plural: str, name: str, **fields: Any) -> Body:
        path = f"{prefix}/namespaces/{self.name}/{plural}/{name}"
        return self._apply(path, prefix.removeprefix("apis/").removeprefix("api/"), kind, name, **fields)

    def _apply(self, path: str, version: str, kind: str, name: str, **fields: Any) -> Body:
        metadata = {"name": name, "labels": fields.pop("labels", {})}
        body = {"apiVersion": version, "kind": kind, "metadata": metadata, **fields}
        response = self.api.apply(path, body)
        assert response.ok, response.text
        return dict(response.json())

    def deploy(self, image: str, port: int = 8080, env: dict[str, str] | None = None, **overrides: Any) -> None:
        """Create the Deployment `web`. `container`, `pod`, `spec` and `secret` override parts of it."""
        container = _container(image, port, env or {}) | overrides.get("container", {})
        security = {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}}
        pod: Body = {"securityContext": security, "imagePullSecrets": [{"name": overrides.get("secret", "registry")}]}
        labels = {"app.kubernetes.io/name": "web"}
        scraping = {"prometheus.io/scrape": "true", "prometheus.io/port": str(port), "prometheus.io/path": "/metrics"}
        annotations = {**scraping, "co.elastic.logs/enabled": "true"}
        pod_spec = {**pod, **overrides.get("pod", {}), "containers": [container]}
        template = {"metadata": {"labels": labels, "annotations": annotations}, "spec": pod_spec}
        spec = {"replicas": 1, "selector": {"matchLabels": labels}, "template": template, **overrides.get("spec", {})}
        self.create(APPS, "Deployment", "deployments", "web", spec=spec)

    def expose(self) -> str:
        """Create a Service and an Ingress for `web`. Returns the host."""
        ports = [{"port": 80, "targetPort": "http"}]
        spec = {"selector": {"app.kubernetes.io/name": "web"}, "ports": ports}
        self.create("api/v1", "Service", "services", "web", spec=spec)
        host = f"web.{self.name}.localhost"
        path = {"path": "/", "pathType": "Prefix", "backend": {"service": {"name": "web", "port": {"number": 80}}}}
        rules = [{"host": host, "http": {"paths": [path]}}]
        self.create(NETWORKING, "Ingress", "ingresses", "web", spec={"rules": rules})
        return host

    def request(self, host: str, path: str = "/") -> requests.Response:
        headers = {"Host": f"{host}:{self.sandbox.port}"}
        return requests.get(f"{self.sandbox.url}{path}", headers=headers, timeout=10)

    def objects(self, prefix: str, plural: str) -> list[Body]:
        return list(self.api.get(f"{prefix}/namespaces/{self.name}/{plural}")["items"])

    def pods(self) -> list[Body]:
        return self.objects("api/v1", "pods")

    def container(self) -> Body:
        """The status of the first container; empty until it has one."""
        statuses = [status for pod in self.pods() for status in pod.get("status", {}).get("containerStatuses", [])]
        return statuses[0] if statuses else {"state": {}, "ready": False}

    def wait_for_waiting(self, reason: str) -> Body:
        """Wait until the container is waiting for this reason. Returns its status."""
        return dict(eventually(lambda: self._waiting(reason)))

    def _waiting(self, reason: str) -> Body | None:
        status = self.container()
        return status if status["state"].get("waiting", {}).get("reason") == reason else None

    def wait_until_ready(self) -> Body:
        """Wait until the container is ready. Returns its status."""
        return dict(eventually(lambda: status if (status := self.container())["ready"] else None))

    def wait_for_event(self, reason: str) -> str:
        """Wait for an event with this reason. Returns the message of the first one."""
        return str(eventually(lambda: self._messages(reason))[0])

    def _messages(self, reason: str) -> list[str]:
        return [event["message"] for event in self.objects("api/v1", "events") if event["reason"] == reason]

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


def eventually(probe: Callable[[], Any], seconds: float = 20) -> Any:
    """Call `probe` until its result is true, and return that. Raises AssertionError after `seconds`."""
    deadline = time.monotonic() + seconds
    while not (result := probe()):
        assert time.monotonic() < deadline, f"the condition did not become true within {seconds} s"
        time.sleep(0.1)
    return result

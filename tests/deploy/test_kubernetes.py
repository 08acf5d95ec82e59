"""The manifests of deploy/, checked by schemas, by a real API server and against our own code."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import requests
from kubernetes_validate import utils

from generate.roles import DEPLOYER_ROLE, TENANT_ROLE, deployer_rules, tenant_rules
from onboarding.steps.golden_path import QUEUES
from portal import settings
from tests.deploy import kustomization
from tests.deploy.kustomization import (
    AUTOSCALING,
    BASE,
    DEPLOY,
    TARGET,
    Manifest,
    by_name,
    manifest,
    objects,
    pod,
    pods,
)
from tests.integrations import control_plane, target_cluster
from tests.integrations.control_plane import ControlPlane
from tests.sandbox.process import Sandbox

ASSETS = "KUBEBUILDER_ASSETS is not a folder with etcd and kube-apiserver: not checked by a real API server"
VERSIONS = list(dict.fromkeys(utils.major_minor(version) for version in utils.all_versions()))[-4:]


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("folder", [BASE, TARGET, AUTOSCALING], ids=lambda folder: folder.name)
def test_the_manifests_fit_the_schemas(folder: Path, version: str) -> None:
    for item in objects(folder):
        kubernetes_validate.validate(json.loads(json.dumps(item)), version, strict=True)


def test_every_file_is_used() -> None:
    """A file that no kustomization lists is never applied."""
    for path in DEPLOY.glob("**/kustomization.yaml"):
        folder, parsed = path.parent, kustomization.kustomization(path.parent)
        used = set(parsed["resources"]) | set(parsed.get("components", []))
        used |= {name for generator in parsed.get("configMapGenerator", []) for name in generator.get("files", [])}
        for name in used:
            assert (folder / name).exists(), f"{path}: {name}"
        assert {file.name for file in folder.glob("*.yaml")} - {"kustomization.yaml"} <= used


@pytest.mark.parametrize(("name", "spec"), pods(BASE))
def test_pods_have_no_more_rights_than_they_need(name: str, spec: dict[str, Any]) -> None:
    assert spec["automountServiceAccountToken"] is False
    assert spec["enableServiceLinks"] is False
    for container in spec.get("initContainers", []) + spec["containers"]:
        assert container["securityContext"]["readOnlyRootFilesystem"] is True
        assert container["image"] == "onramp"
        assert set(container["resources"]["requests"]) == {"cpu", "memory"}
        assert "memory" in container["resources"]["limits"]
        sources = [next(iter(source.values()))["name"] for source in container["envFrom"]]
        weaker = [] if name == "onramp-worker" else ["onramp-web"]
        assert sources == ["onramp", *weaker, "onramp"], "only the workers have the workers' tokens"


def _queues(container: dict[str, Any]) -> list[str]:
    """As the kubelet passes them to Celery."""
    (option,) = [word for word in container["args"] if word.startswith("--queues=")]
    assert option == "--queues=$(QUEUES)"
    return by_name(container["env"])["QUEUES"].split(",")


def test_the_workers_serve_every_queue() -> None:
    (container,) = pod(manifest(BASE, "Deployment", "onramp-worker"))["containers"]
    assert _queues(container) == QUEUES


def test_the_component_has_separate_workers_for_every_queue() -> None:
    folder = kustomization.QUEUES
    assert kustomization.kustomization(folder)["resources"] == QUEUES
    for queue in QUEUES:
        parsed = kustomization.kustomization(folder / queue)
        (patch,) = parsed["patches"]
        assert f"{{name: QUEUES, value: {queue}}}" in patch["patch"]
        assert parsed["nameSuffix"] == f"-{queue}"


def test_the_autoscaler_begins_with_as_many_workers_as_there_are_without_it() -> None:
    scaler = manifest(AUTOSCALING, "HorizontalPodAutoscaler", "onramp-worker")["spec"]
    target = manifest(BASE, scaler["scaleTargetRef"]["kind"], scaler["scaleTargetRef"]["name"])
    assert scaler["minReplicas"] == target["spec"]["replicas"]


def test_the_shutdown_is_soft_and_gets_enough_time() -> None:
    spec = pod(manifest(BASE, "Deployment", "onramp-worker"))
    assert by_name(spec["containers"][0]["env"])["REMAP_SIGTERM"] == "SIGQUIT"
    assert spec["terminationGracePeriodSeconds"] >= settings.CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT + 15


def test_probes_use_the_name_of_the_site() -> None:
    """Otherwise it rejects the host, or redirects to https, which a kubelet counts as healthy."""
    (container,) = pod(manifest(BASE, "Deployment", "onramp-web"))["containers"]
    (literal,) = kustomization.kustomization(BASE)["configMapGenerator"][0]["literals"]
    host = literal.removeprefix("PORTAL_URL=https://")
    for name in ("startupProbe", "readinessProbe", "livenessProbe"):
        headers = by_name(container[name]["httpGet"]["httpHeaders"])
        assert headers == {"Host": host, "X-Forwarded-Proto": "https"}
    ingress = manifest(BASE, "Ingress", "onramp")["spec"]
    assert ingress["rules"][0]["host"] == host
    assert ingress["tls"][0]["hosts"] == [host]


@pytest.fixture(scope="module")
def plane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ControlPlane]:
    programs = control_plane.programs()
    if programs is None:
        pytest.skip(ASSETS)
    with control_plane.running(programs, tmp_path_factory.mktemp("cluster")) as plane:
        yield plane


def _apply(plane: ControlPlane, item: Manifest, dry: bool = False) -> requests.Response:
    return target_cluster.administrator(plane).apply(item, dry)


@pytest.mark.parametrize("folder", [BASE, TARGET], ids=lambda folder: folder.name)
def test_a_real_api_server_admits_them(plane: ControlPlane, folder: Path) -> None:
    """The namespaces really exist, so that Pod Security applies; it warns about pods that a Deployment would create."""
    items = objects(folder)
    for item in items:
        if item["kind"] == "Namespace":
            assert _apply(plane, item).status_code == 201
    for item in items:
        response = _apply(plane, item, dry=True)
        assert response.status_code in (200, 201), response.text
        assert "Warning" not in response.headers, f"{item['metadata']['name']}: {response.headers['Warning']}"


@pytest.mark.parametrize(("name", "spec"), pods(BASE))
def test_a_real_api_server_admits_their_pods(plane: ControlPlane, name: str, spec: dict[str, Any]) -> None:
    """Pod Security only enforces on pods, so each one is applied directly."""
    for item in objects(BASE):
        if item["kind"] in ("Namespace", "ServiceAccount"):
            assert _apply(plane, item).ok
    metadata = {"name": name, "namespace": "onramp"}
    item = {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec}
    response = _apply(plane, item, dry=True)
    assert response.status_code == 201, response.text
    careless = {**item, "spec": {**spec, "securityContext": {}}}
    assert _apply(plane, careless, dry=True).status_code == 403


def _rights(role: Manifest) -> set[tuple[str, str, str, str]]:
    return {
        (group, resource, verb, name)
        for rule in role["rules"]
        for group in rule["apiGroups"]
        for resource in rule["resources"]
        for verb in rule["verbs"]
        for name in rule.get("resourceNames", [""])
    }


@pytest.mark.parametrize("name", ["onramp", "onramp-tenant", "onramp-deployer"])
def test_a_cluster_grants_what_the_sandbox_grants(sandbox: Sandbox, name: str) -> None:
    """Every test of the journey runs with the sandbox's rights, so a real cluster must grant exactly these."""
    url = f"{sandbox.url}/kubernetes/apis/rbac.authorization.k8s.io/v1/clusterroles/{name}"
    headers = {"Authorization": "Bearer sandbox-platform-cluster-token"}
    granted = requests.get(url, headers=headers, timeout=10).json()
    assert _rights(manifest(TARGET, "ClusterRole", name)) == _rights(granted)


@pytest.mark.parametrize(("name", "rules"), [(TENANT_ROLE, tenant_rules()), (DEPLOYER_ROLE, deployer_rules())])
def test_the_roles_of_a_namespace_are_those_that_are_documented(name: str, rules: list[dict[str, Any]]) -> None:
    assert manifest(TARGET, "ClusterRole", name)["rules"] == rules


def test_the_web_process_has_no_right_that_the_workers_lack() -> None:
    workers = _rights(manifest(TARGET, "ClusterRole", "onramp"))
    assert _rights(manifest(TARGET, "ClusterRole", "onramp-web")) < workers

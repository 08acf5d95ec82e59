"""The manifests of deploy/: what schemas, a real API server and our own code say of them."""

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import requests
from kubernetes_validate import utils
from pydantic import SecretStr

from integrations.cluster.kubernetes import PLACES
from onboarding.steps.golden_path import LANES
from portal import settings
from tests.deploy.kustomization import BASE, DEPLOY, QUEUES, TARGET, Manifest, described, named, objects, one, pod, pods
from tests.integrations import control_plane
from tests.integrations.control_plane import ControlPlane
from tests.sandbox.process import Sandbox

ASSETS = "KUBEBUILDER_ASSETS names no folder with etcd and kube-apiserver: not shown to a real API server"
VERSIONS = list(dict.fromkeys(utils.major_minor(one) for one in utils.all_versions()))[-4:]
MORE_PLACES = {
    "Job": "/apis/batch/v1/namespaces/{}/jobs",
    "CronJob": "/apis/batch/v1/namespaces/{}/cronjobs",
    "ValidatingAdmissionPolicy": "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies",
    "ValidatingAdmissionPolicyBinding": "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicybindings",
}


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("folder", [BASE, TARGET], ids=lambda folder: folder.name)
def test_the_manifests_fit_the_schemas(folder: Path, version: str) -> None:
    for manifest in objects(folder):
        kubernetes_validate.validate(json.loads(json.dumps(manifest)), version, strict=True)


def test_every_file_is_used() -> None:
    """A file that no kustomization names is applied by nobody."""
    for found in DEPLOY.glob("**/kustomization.yaml"):
        kustomization = described(found.parent)
        used = set(kustomization["resources"]) | set(kustomization.get("components", []))
        used |= {name for one in kustomization.get("configMapGenerator", []) for name in one.get("files", [])}
        for name in used:
            assert (found.parent / name).exists(), f"{found}: {name}"
        assert {path.name for path in found.parent.glob("*.yaml")} - {"kustomization.yaml"} <= used


@pytest.mark.parametrize(("name", "spec"), pods(BASE))
def test_pods_hold_no_more_than_they_need(name: str, spec: dict[str, Any]) -> None:
    assert spec["automountServiceAccountToken"] is False
    assert spec["enableServiceLinks"] is False
    for container in spec.get("initContainers", []) + spec["containers"]:
        assert container["securityContext"]["readOnlyRootFilesystem"] is True
        assert container["image"] == "onramp"
        assert set(container["resources"]["requests"]) == {"cpu", "memory"}
        assert "memory" in container["resources"]["limits"]
        sources = [next(iter(one.values()))["name"] for one in container["envFrom"]]
        assert sources == ["onramp", "onramp"]


def _lanes(container: dict[str, Any]) -> list[str]:
    """As the kubelet would hand them to Celery."""
    (given,) = [word for word in container["args"] if word.startswith("--queues=")]
    assert given == "--queues=$(QUEUES)"
    return named(container["env"])["QUEUES"].split(",")


def test_the_workers_serve_every_lane() -> None:
    (container,) = pod(one(BASE, "Deployment", "onramp-worker"))["containers"]
    assert _lanes(container) == LANES


def test_every_lane_has_workers_of_its_own_where_they_are_split() -> None:
    assert described(QUEUES)["resources"] == LANES
    for lane in LANES:
        (patch,) = described(QUEUES / lane)["patches"]
        assert f"{{name: QUEUES, value: {lane}}}" in patch["patch"]
        assert described(QUEUES / lane)["nameSuffix"] == f"-{lane}"


def test_a_stop_is_soft_and_gets_its_time() -> None:
    spec = pod(one(BASE, "Deployment", "onramp-worker"))
    assert named(spec["containers"][0]["env"])["REMAP_SIGTERM"] == "SIGQUIT"
    assert spec["terminationGracePeriodSeconds"] >= settings.CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT + 15


def test_probes_call_the_site_by_its_name() -> None:
    """Otherwise it refuses the host, or answers with a redirect to https, which a kubelet takes for health."""
    (container,) = pod(one(BASE, "Deployment", "onramp-web"))["containers"]
    (literal,) = described(BASE)["configMapGenerator"][0]["literals"]
    host = literal.removeprefix("PORTAL_URL=https://")
    for name in ("startupProbe", "readinessProbe", "livenessProbe"):
        headers = named(container[name]["httpGet"]["httpHeaders"])
        assert headers == {"Host": host, "X-Forwarded-Proto": "https"}
    ingress = one(BASE, "Ingress", "onramp")["spec"]
    assert ingress["rules"][0]["host"] == host
    assert ingress["tls"][0]["hosts"] == [host]


@pytest.fixture(scope="module")
def plane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ControlPlane]:
    programs = control_plane.programs()
    if programs is None:
        pytest.skip(ASSETS)
    with control_plane.running(programs, tmp_path_factory.mktemp("cluster")) as plane:
        yield plane


def _address(manifest: Manifest) -> str:
    kind, metadata = manifest["kind"], manifest["metadata"]
    if kind in MORE_PLACES:
        return f"{MORE_PLACES[kind].format(metadata.get('namespace'))}/{metadata['name']}"
    place = PLACES[kind]
    root = f"/apis/{place.api_version}" if place.group else f"/api/{place.version}"
    within = f"/namespaces/{metadata['namespace']}" if place.namespaced else ""
    return f"{root}{within}/{place.plural}/{metadata['name']}"


def _applied(plane: ControlPlane, manifest: Manifest, token: SecretStr, **query: str) -> requests.Response:
    return requests.patch(
        f"{plane.url}{_address(manifest)}",
        params={"fieldManager": "operator", "fieldValidation": "Strict", **query},
        data=json.dumps(manifest),
        headers={
            "Authorization": f"Bearer {token.get_secret_value()}",
            "Content-Type": "application/apply-patch+yaml",
        },
        verify=str(plane.ca_file),
        timeout=30,
    )


OPERATOR = SecretStr(control_plane.TOKENS["platform"])


@pytest.mark.parametrize("folder", [BASE, TARGET], ids=lambda folder: folder.name)
def test_a_real_api_server_admits_them(plane: ControlPlane, folder: Path) -> None:
    """The namespaces are really there, so that Pod Security judges; it warns of pods that a Deployment would make."""
    manifests = objects(folder)
    for manifest in manifests:
        if manifest["kind"] == "Namespace":
            assert _applied(plane, manifest, OPERATOR).status_code == 201
    for manifest in manifests:
        answer = _applied(plane, manifest, OPERATOR, dryRun="All")
        assert answer.status_code in (200, 201), answer.text
        assert "Warning" not in answer.headers, f"{manifest['metadata']['name']}: {answer.headers['Warning']}"


@pytest.mark.parametrize(("name", "spec"), pods(BASE))
def test_a_real_api_server_admits_their_pods(plane: ControlPlane, name: str, spec: dict[str, Any]) -> None:
    """Pod Security enforces on pods alone, so each is shown by itself."""
    for manifest in objects(BASE):
        if manifest["kind"] in ("Namespace", "ServiceAccount"):
            assert _applied(plane, manifest, OPERATOR).ok
    metadata = {"name": name, "namespace": "onramp"}
    manifest = {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec}
    answer = _applied(plane, manifest, OPERATOR, dryRun="All")
    assert answer.status_code == 201, answer.text
    careless = {**manifest, "spec": {**spec, "securityContext": {}}}
    assert _applied(plane, careless, OPERATOR, dryRun="All").status_code == 403


def _rights(role: Manifest) -> set[tuple[str, str, str]]:
    return {
        (group, resource, verb)
        for rule in role["rules"]
        for group in rule["apiGroups"]
        for resource in rule["resources"]
        for verb in rule["verbs"]
    }


def test_a_cluster_grants_what_the_sandbox_grants(sandbox: Sandbox) -> None:
    """Every test of the journey runs with the sandbox's rights: what is granted in earnest is neither more nor less."""
    address = f"{sandbox.url}/kubernetes/apis/rbac.authorization.k8s.io/v1/clusterroles/onramp"
    headers = {"Authorization": "Bearer sandbox-platform-cluster-token"}
    granted = requests.get(address, headers=headers, timeout=10).json()
    assert _rights(one(TARGET, "ClusterRole", "onramp")) == _rights(granted)


def _account(plane: ControlPlane) -> SecretStr:
    """A token of the account that the manifests make."""
    answer = requests.post(
        f"{plane.url}/api/v1/namespaces/onramp-access/serviceaccounts/onramp/token",
        json={"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {}},
        headers={"Authorization": f"Bearer {OPERATOR.get_secret_value()}"},
        verify=str(plane.ca_file),
        timeout=30,
    )
    return SecretStr(answer.json()["status"]["token"])


def _quota(namespace: str) -> Manifest:
    metadata = {"name": "storefront", "namespace": namespace}
    return {"apiVersion": "v1", "kind": "ResourceQuota", "metadata": metadata, "spec": {"hard": {"pods": "100"}}}


def test_onramp_writes_quotas_but_no_allowances(plane: ControlPlane) -> None:
    for manifest in objects(TARGET):
        assert _applied(plane, manifest, OPERATOR).ok
    account = _account(plane)
    assert _applied(plane, {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "room"}}, account).ok
    assert _applied(plane, _quota("room"), account).ok
    deadline = time.monotonic() + 20  # a policy is in force only once the server has read it
    while (answer := _applied(plane, _quota("onramp-allowances"), account, dryRun="All")).ok:
        assert time.monotonic() < deadline, "the policy never came into force"
        time.sleep(0.2)
    assert "allowances are granted by the platform team" in answer.text
    assert _applied(plane, _quota("onramp-allowances"), OPERATOR).ok

"""Kubernetes as the provider of *cluster*: one suite that runs against the sandbox and against a real API server.

Both must give the same literal messages, so that the sandbox cannot drift from the real server.
"""

import socket
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr, ValidationError

from generate import Placement
from generate.checking import objects as manifest_objects
from generate.manifests import manifest_files
from generate.namespace import objects as namespace_objects
from integrations import http
from integrations.cluster import Applied, Cluster, ClusterEvent, Manifest, RefusalReason, Workload
from integrations.cluster.kubernetes import Kubernetes, Options
from integrations.errors import Conflict, Denied, Invalid, Missing, Transient
from stacks import read
from tests.integrations import control_plane, target_cluster
from tests.sandbox.process import Sandbox

ASSETS = "KUBEBUILDER_ASSETS names no folder with etcd and kube-apiserver: not compared with a real API server"
CONTROLLERS = "KUBEBUILDER_ASSETS has no kube-controller-manager: tests that need controllers were not run"
RESTRICTED = {"pod-security.kubernetes.io/enforce": "restricted"}
LABELS = RESTRICTED | {"onramp.dev/team": "storefront"}
ACCOUNT = "system:serviceaccount:onramp-access:onramp"
SERVICE = "import os\nPORT = int(os.environ.get('PORT', '8080'))\nPATHS = ('/healthz', '/metrics')\n"
ADDRESS = "http://{application}.{namespace}.localhost"
SUBJECT = "github:repo:acme/parcel-tracker:ref:refs/heads/main"


@dataclass
class World:
    """One cluster with three clients: its administrator, Onramp, and a user with an expired token."""

    name: str
    url: str
    platform: Kubernetes
    onramp: Kubernetes
    stranger: Kubernetes
    controllers: bool = True
    ca_file: Path | None = None
    token: str = ""

    def needs_controllers(self) -> None:
        if not self.controllers:
            pytest.skip(CONTROLLERS)


def _client(url: str, token: str, ca_file: Path | None = None) -> Kubernetes:
    return Kubernetes(Options(api_url=url, token=SecretStr(token), ca_file=ca_file, kubeconfig=None, timeout=15))


@pytest.fixture(scope="session")
def sandboxed(sandbox: Sandbox) -> World:
    url = f"{sandbox.url}/kubernetes"
    token = "sandbox-onramp-cluster-token"
    platform = _client(url, "sandbox-platform-cluster-token")
    return World("sandbox", url, platform, _client(url, token), _client(url, "expired"), token=token)


@pytest.fixture(scope="session")
def real(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A real API server, prepared as deploy/target-cluster ships it."""
    programs = control_plane.programs()
    if programs is None:
        pytest.skip(ASSETS)
    with target_cluster.running(programs, tmp_path_factory.mktemp("cluster")) as plane:
        token = target_cluster.token(target_cluster.administrator(plane), "onramp")
        platform = _client(plane.url, control_plane.TOKENS["platform"], plane.ca_file)
        onramp, stranger = (_client(plane.url, user_token, plane.ca_file) for user_token in (token, "expired"))
        yield World("real", plane.url, platform, onramp, stranger, plane.controllers, plane.ca_file, token)


@pytest.fixture(params=["sandboxed", "real"])
def world(request: pytest.FixtureRequest) -> World:
    chosen: World = request.getfixturevalue(request.param)
    return chosen


@pytest.fixture
def namespace(world: World) -> Iterator[str]:
    """A namespace for each test, created by Onramp."""
    name = f"tenant-{uuid.uuid4().hex[:8]}"
    world.onramp.apply(_object("Namespace", name, labels=LABELS))
    world.platform.apply(_object("ServiceAccount", "default", name), manager="platform")
    yield name
    world.platform.delete("Namespace", None, name)


def _object(kind: str, name: str, namespace: str = "", labels: dict[str, str] | None = None, **rest: Any) -> Manifest:
    versions = {
        "Deployment": "apps/v1",
        "NetworkPolicy": "networking.k8s.io/v1",
        "RoleBinding": "rbac.authorization.k8s.io/v1",
    }
    metadata: dict[str, Any] = {"name": name}
    metadata |= {"namespace": namespace} if namespace else {}
    metadata |= {"labels": labels} if labels else {}
    return {"apiVersion": versions.get(kind, "v1"), "kind": kind, "metadata": metadata, **rest}


def _pod_spec(cpu: str = "100m", memory: str = "64Mi", safe: bool = True) -> dict[str, Any]:
    container: dict[str, Any] = {"name": "web", "image": "registry.example/web:1"}
    container["resources"] = {"requests": {"cpu": cpu, "memory": memory}}
    if not safe:
        return {"containers": [container]}
    container["securityContext"] = {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}}
    pod_context = {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}}
    return {"securityContext": pod_context, "containers": [container]}


def _deployment(namespace: str, **spec: Any) -> Manifest:
    labels = {"app.kubernetes.io/name": "web"}
    template = {"metadata": {"labels": labels}, "spec": _pod_spec(**spec)}
    body = {"replicas": 1, "selector": {"matchLabels": labels}, "template": template}
    return _object("Deployment", "web", namespace, spec=body)


def _eventually(condition: Callable[[], Any]) -> Any:
    deadline = time.monotonic() + 20
    while not (result := condition()):
        assert time.monotonic() < deadline, "the condition did not hold within 20 s"
        time.sleep(0.2)
    return result


def _quota(world: World, namespace: str, **hard: str) -> None:
    """Create a quota and wait until it is enforced."""
    limits = {name.replace("_", "."): value for name, value in hard.items()}
    world.onramp.apply(_object("ResourceQuota", "tenant", namespace, spec={"hard": limits}))

    def is_enforced() -> bool:
        quota = world.onramp.get("ResourceQuota", namespace, "tenant") or {}
        return bool(quota.get("status", {}).get("hard") == limits)

    _eventually(is_enforced)


def test_it_implements_cluster(world: World) -> None:
    implementation: Cluster = world.onramp
    implementation.ready()
    assert implementation.version().startswith("v1.")


def test_a_kubeconfig_works_too(world: World, tmp_path: Path) -> None:
    path = tmp_path / "kubeconfig"
    path.write_text(control_plane.kubeconfig_text(world.url, world.ca_file, world.token))
    Kubernetes(Options(kubeconfig=path)).ready()


def test_an_absent_object_is_none(world: World, namespace: str) -> None:
    assert world.onramp.get("Namespace", None, "never-created") is None
    assert world.onramp.get("ConfigMap", namespace, "never-created") is None
    assert world.onramp.list("Deployment", namespace) == []
    assert world.onramp.workload(namespace, "web") is None


@pytest.mark.fault(12, "409 by ourselves")
def test_applying_twice_changes_nothing(world: World, namespace: str) -> None:
    policy = _object("NetworkPolicy", "deny", namespace, spec={"podSelector": {}, "policyTypes": ["Ingress"]})
    first, second = world.onramp.apply(policy), world.onramp.apply(policy)
    assert (first.created, second.created) == (True, False)
    assert (first.uid, first.resource_version) == (second.uid, second.resource_version)


def test_a_field_that_is_no_longer_applied_is_removed(world: World, namespace: str) -> None:
    world.onramp.apply(_object("LimitRange", "deployer", namespace, labels={"kept": "yes", "dropped": "yes"}))
    applied = world.onramp.apply(_object("LimitRange", "deployer", namespace, labels={"kept": "yes"}))
    assert applied.result["metadata"]["labels"] == {"kept": "yes"}


def test_two_managers_share_an_object(world: World, namespace: str) -> None:
    world.onramp.apply(_object("LimitRange", "deployer", namespace, labels={"ours": "yes"}))
    world.platform.apply(_object("LimitRange", "deployer", namespace, labels={"theirs": "yes"}), manager="platform")
    applied = world.onramp.apply(_object("LimitRange", "deployer", namespace, labels={"ours": "still"}))
    assert applied.result["metadata"]["labels"] == {"ours": "still", "theirs": "yes"}
    owned = {entry["manager"]: entry["fieldsV1"] for entry in applied.result["metadata"]["managedFields"]}
    assert owned == {
        "onramp": {"f:metadata": {"f:labels": {"f:ours": {}}}},
        "platform": {"f:metadata": {"f:labels": {"f:theirs": {}}}},
    }


@pytest.mark.fault(12, "409 by a stranger")
def test_a_field_of_another_manager_is_a_conflict_unless_forced(world: World, namespace: str) -> None:
    limits = [{"type": "Container", "default": {"cpu": "1"}, "defaultRequest": {"cpu": "100m"}}]
    theirs = _object("LimitRange", "limits", namespace, labels={"tier": "gold"}, spec={"limits": limits})
    world.platform.apply(theirs, manager="platform")
    ours = _object("LimitRange", "limits", namespace, labels={"tier": "tin"}, spec={"limits": [{"type": "Container"}]})
    message = 'Apply failed with 2 conflicts: conflicts with "platform":\n- .metadata.labels.tier\n- .spec.limits'
    with pytest.raises(Conflict) as conflict:
        world.onramp.apply(ours)
    assert conflict.value.detail == message
    (refusal,) = world.onramp.dry_run([ours])
    assert (refusal.reason, refusal.message) == (RefusalReason.CONFLICT, message)
    forced = world.onramp.apply(ours, force=True)
    assert forced.result["metadata"]["labels"]["tier"] == "tin"
    assert {entry["manager"] for entry in forced.result["metadata"]["managedFields"]} == {"onramp"}


def test_a_conflict_names_the_field_inside_a_list(world: World, namespace: str) -> None:
    world.platform.apply(_deployment(namespace), manager="onramp-pipeline")
    other = _deployment(namespace)
    other["spec"]["template"]["spec"]["containers"][0]["image"] = "registry.example/web:2"
    with pytest.raises(Conflict) as conflict:
        world.platform.apply(other, manager="somebody")
    field = '.spec.template.spec.containers[name="web"].image'
    assert conflict.value.detail == f'Apply failed with 1 conflict: conflict with "onramp-pipeline": {field}'


def test_a_dry_run_changes_nothing(world: World, namespace: str) -> None:
    account = _object("LimitRange", "deployer", namespace)
    assert world.onramp.dry_run([account]) == []
    assert world.onramp.get("LimitRange", namespace, "deployer") is None


def test_a_dry_run_gives_the_reason_for_each_refusal(world: World, namespace: str) -> None:
    misspelt = _object("NetworkPolicy", "deny", namespace, spec={"podSelektor": {}})
    homeless = _object("LimitRange", "deployer", "never-created")
    fine = _object("LimitRange", "deployer", namespace)
    unknown, missing = world.onramp.dry_run([misspelt, fine, homeless])
    where = f"{namespace}/deny; networking.k8s.io/v1, Kind=NetworkPolicy"
    assert unknown.reason is RefusalReason.INVALID
    message = f"failed to create typed patch object ({where}): .spec.podSelektor: field not declared in schema"
    assert unknown.message == message
    assert (missing.reason, missing.message) == (
        RefusalReason.NAMESPACE_MISSING,
        'namespaces "never-created" not found',
    )
    assert (missing.kind, missing.name) == ("LimitRange", "deployer")


def test_a_selector_that_does_not_match_is_invalid(world: World, namespace: str) -> None:
    deployment = _deployment(namespace)
    deployment["spec"]["template"]["metadata"]["labels"] = {"app.kubernetes.io/name": "other"}
    with pytest.raises(Invalid) as invalid:
        world.platform.apply(deployment)
    assert invalid.value.detail == (
        'Deployment.apps "web" is invalid: spec.template.metadata.labels: Invalid value: '
        '{"app.kubernetes.io/name":"other"}: `selector` does not match template `labels`'
    )


def test_an_impossible_name_is_invalid(world: World) -> None:
    with pytest.raises(Invalid, match="a lowercase RFC 1123 label must consist of") as invalid:
        world.onramp.apply(_object("Namespace", "Not_A_Name"))
    assert invalid.value.status == 422


def test_may_reports_our_permissions(world: World, namespace: str) -> None:
    assert world.onramp.may("patch", "ResourceQuota", namespace)
    assert world.onramp.may("create", "Namespace", None)
    assert not world.onramp.may("patch", "Deployment", namespace)
    assert not world.onramp.may("list", "Secret", namespace)


def _binding(namespace: str, role: str) -> Manifest:
    group = "rbac.authorization.k8s.io"
    subjects = [{"apiGroup": group, "kind": "User", "name": SUBJECT}]
    return _object(
        "RoleBinding",
        role,
        namespace,
        roleRef={"apiGroup": group, "kind": "ClusterRole", "name": role},
        subjects=subjects,
    )


def test_the_deployer_can_deploy_only_into_its_namespace(world: World, namespace: str) -> None:
    """Onramp grants, by binding a role of the cluster, permissions that it does not have itself."""
    world.onramp.apply(_binding(namespace, "onramp-deployer"))
    _eventually(lambda: world.onramp.may("patch", "Deployment", namespace, user=SUBJECT))
    assert not world.onramp.may("patch", "Deployment", "default", user=SUBJECT)
    assert not world.onramp.may("get", "Secret", namespace, user=SUBJECT)
    assert not world.onramp.may("patch", "RoleBinding", namespace, user=SUBJECT)
    assert not world.onramp.may("patch", "Deployment", namespace, user=f"{SUBJECT}x")


def test_onramp_grants_no_other_role_and_writes_none(world: World, namespace: str) -> None:
    (refusal,) = world.onramp.dry_run([_binding(namespace, "cluster-admin")])
    assert refusal.reason is RefusalReason.RIGHTS
    assert "is attempting to grant RBAC permissions not currently held" in refusal.message
    for kind, where in (("Role", namespace), ("ClusterRole", None)):
        assert not any(world.onramp.may(verb, kind, where) for verb in ("create", "patch", "update", "escalate"))


@pytest.mark.parametrize(
    ("kind", "name", "message"),
    [
        ("Secret", "tls", "Onramp writes no Secrets except registry and those that end in -settings"),
        ("ServiceAccount", "robot", "Onramp writes no ServiceAccount except default"),
    ],
)
def test_onramp_writes_only_what_it_needs(world: World, namespace: str, kind: str, name: str, message: str) -> None:
    with pytest.raises(Invalid, match=message):
        world.onramp.apply(_object(kind, name, namespace))


@pytest.mark.parametrize(
    ("namespace", "message"),
    [
        ("onramp-allowances", "only the platform team grants allowances"),
        ("kube-system", "Onramp changes nothing in the namespaces of the cluster and of the platform"),
    ],
)
def test_onramp_writes_nowhere_else(world: World, namespace: str, message: str) -> None:
    with pytest.raises(Invalid, match=message):
        world.onramp.apply(_object("ResourceQuota", "newcomer", namespace, spec={"hard": {"pods": "100"}}))


def test_a_secret_of_others_cannot_be_read(world: World, namespace: str) -> None:
    world.platform.apply(_object("Secret", "tls", namespace, stringData={"key": "value"}))
    with pytest.raises(Invalid, match="Onramp writes no Secrets except registry"):
        world.onramp.secret_keys(namespace, "tls")
    world.onramp.set_secret_values(namespace, "web-settings", {"KEY": "value"}, {})
    assert world.onramp.secret_keys(namespace, "web-settings") == {"KEY"}
    assert world.onramp.secret_keys(namespace, "other-settings") == frozenset()


def test_a_refusal_names_the_missing_permission(world: World, namespace: str) -> None:
    with pytest.raises(Denied) as denied:
        world.onramp.list("Secret", namespace)
    where = f'in API group "" in the namespace "{namespace}"'
    assert denied.value.detail == f'secrets is forbidden: User "{ACCOUNT}" cannot list resource "secrets" {where}'
    assert not denied.value.credentials
    (refusal,) = world.onramp.dry_run([_deployment(namespace)])
    message = f'User "{ACCOUNT}" cannot patch resource "deployments" in API group "apps"'
    assert refusal.reason is RefusalReason.RIGHTS
    assert refusal.message == f'deployments.apps "web" is forbidden: {message} in the namespace "{namespace}"'


def test_unknown_credentials_are_denied(world: World) -> None:
    with pytest.raises(Denied) as denied:
        world.stranger.ready()
    assert denied.value.credentials


def test_pod_security_refuses_a_pod_and_warns_about_a_deployment(world: World, namespace: str) -> None:
    violates = (
        'PodSecurity "restricted:latest": allowPrivilegeEscalation != false (container "web" must set '
        'securityContext.allowPrivilegeEscalation=false), unrestricted capabilities (container "web" must set '
        'securityContext.capabilities.drop=["ALL"]), runAsNonRoot != true (pod or container "web" must set '
        'securityContext.runAsNonRoot=true), seccompProfile (pod or container "web" must set '
        'securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost")'
    )
    (refusal,) = world.onramp.dry_run([_object("Pod", "web", namespace, spec=_pod_spec(safe=False))])
    message = f'pods "web" is forbidden: violates {violates}'
    assert (refusal.reason, refusal.message) == (RefusalReason.POD_SECURITY, message)
    applied = world.platform.apply(_deployment(namespace, safe=False))
    assert applied.warnings == (f"would violate {violates}",)


def test_a_limit_range_sets_defaults_and_refuses_more(world: World, namespace: str) -> None:
    limit = {"type": "Container", "default": {"cpu": "200m"}, "defaultRequest": {"cpu": "50m"}, "max": {"cpu": "1"}}
    world.onramp.apply(_object("LimitRange", "limits", namespace, spec={"limits": [limit]}))
    spec = _pod_spec()
    spec["containers"][0]["resources"] = {}
    resources = _eventually(lambda: _resources_of_new_pod(world, namespace, spec))
    assert resources == {"limits": {"cpu": "200m"}, "requests": {"cpu": "50m"}}
    spec["containers"][0]["resources"] = {"limits": {"cpu": "2"}}
    (refusal,) = world.onramp.dry_run([_object("Pod", "web", namespace, spec=spec)])
    message = 'pods "web" is forbidden: maximum cpu usage per Container is 1, but limit is 2'
    assert (refusal.reason, refusal.message) == (RefusalReason.LIMITS, message)


def _resources_of_new_pod(world: World, namespace: str, spec: dict[str, Any]) -> Any:
    """The resources that a pod gets; a real API server applies a new LimitRange only after a moment."""
    name = f"web-{uuid.uuid4().hex[:6]}"
    applied = world.platform.apply(_object("Pod", name, namespace, spec=spec))
    world.platform.delete("Pod", namespace, name)
    return applied.result["spec"]["containers"][0]["resources"]


@pytest.mark.fault(12, "quota 403")
def test_a_quota_refuses_the_pod_but_not_the_deployment(world: World, namespace: str) -> None:
    world.needs_controllers()
    _quota(world, namespace, requests_cpu="500m", requests_memory="256Mi")
    assert world.platform.dry_run([_deployment(namespace, cpu="2")]) == []
    (refusal,) = world.onramp.dry_run([_object("Pod", "web", namespace, spec=_pod_spec(cpu="2"))])
    assert refusal.reason is RefusalReason.QUOTA
    assert refusal.message == (
        'pods "web" is forbidden: exceeded quota: tenant, requested: requests.cpu=2, used: requests.cpu=0, '
        "limited: requests.cpu=500m"
    )
    silent = _pod_spec()
    silent["containers"][0]["resources"] = {}
    (refusal,) = world.onramp.dry_run([_object("Pod", "web", namespace, spec=silent)])
    must = "must specify requests.cpu for: web; requests.memory for: web"
    assert (refusal.reason, refusal.message) == (
        RefusalReason.QUOTA,
        f'pods "web" is forbidden: failed quota: tenant: {must}',
    )


def test_a_workload_reports_why_its_pods_are_refused(world: World, namespace: str) -> None:
    world.needs_controllers()
    _quota(world, namespace, requests_cpu="50m")
    world.platform.apply(_deployment(namespace))
    _eventually(lambda: _workload(world, namespace).stuck)
    workload = _workload(world, namespace)
    assert (workload.available, workload.current, workload.ready, workload.desired) == (False, False, 0, 1)
    assert workload.reason == "FailedCreate"
    assert workload.message.startswith('The cluster refuses the pods: pods "web-')
    assert "exceeded quota: tenant, requested: requests.cpu=100m" in workload.message
    events = _eventually(lambda: _events(world, namespace, "FailedCreate"))
    assert events[0].kind == "ReplicaSet"
    assert events[0].warning
    assert "exceeded quota: tenant" in events[0].message


def _workload(world: World, namespace: str) -> Workload:
    workload = world.onramp.workload(namespace, "web")
    assert workload
    return workload


def _events(world: World, namespace: str, reason: str) -> list[ClusterEvent]:
    return [event for event in world.onramp.events(namespace) if event.reason == reason]


def test_lists_are_narrowed_by_namespace_and_labels(world: World, namespace: str) -> None:
    for name, team in (("one", "a"), ("two", "b"), ("three", "a")):
        world.onramp.apply(_object("LimitRange", name, namespace, labels={"team": team}))
    accounts = world.onramp.list("LimitRange", namespace, {"team": "a"})
    assert _names(accounts) == {"one", "three"}
    assert {(account["apiVersion"], account["kind"]) for account in accounts} == {("v1", "LimitRange")}
    assert namespace in _names(world.onramp.list("Namespace", labels=RESTRICTED))


def _names(manifests: list[Manifest]) -> set[str]:
    return {manifest["metadata"]["name"] for manifest in manifests}


def test_only_our_own_objects_are_deleted(world: World, namespace: str) -> None:
    world.onramp.apply(_object("LimitRange", "ours", namespace))
    world.platform.apply(_object("LimitRange", "theirs", namespace, labels={"a": "b"}), manager="platform")
    world.onramp.apply(_object("LimitRange", "ours", namespace, labels={"a": "b"}))
    world.onramp.delete("LimitRange", namespace, "ours")
    world.onramp.delete("LimitRange", namespace, "ours")
    assert world.onramp.get("LimitRange", namespace, "ours") is None
    with pytest.raises(Conflict, match="was not created by onramp"):
        world.onramp.delete("LimitRange", namespace, "theirs")
    assert world.onramp.get("LimitRange", namespace, "theirs")


def test_the_logs_of_an_absent_pod_are_missing(world: World, namespace: str) -> None:
    with pytest.raises(Missing) as missing:
        world.onramp.logs(namespace, "web")
    assert missing.value.detail == 'pods "web" not found'


def test_generated_manifests_are_accepted(world: World) -> None:
    """The tenant's namespace by Onramp, the application by its pipeline; applying the namespace again changes nothing."""
    name = f"tenant-{uuid.uuid4().hex[:8]}"
    quota = {"requests.cpu": "1", "requests.memory": "1Gi", "pods": "10"}
    pull = ("registry.example", "onramp", "token")
    manifests = namespace_objects(
        team="storefront", namespace=name, quota=quota, deployers=[SUBJECT], sso_group="sso", registry=pull,
        address=ADDRESS, cluster_url=world.url,
    )  # fmt: skip
    try:
        for manifest in manifests:
            assert _stable(world.onramp.apply(manifest)) == _stable(world.onramp.apply(manifest))
        _assert_application_is_accepted(world, name)
    finally:
        world.platform.delete("Namespace", None, name)


def _stable(applied: Applied) -> Manifest:
    """An object without the fields that the cluster's controllers write."""
    metadata = {key: applied.result["metadata"].get(key) for key in ("uid", "labels", "annotations")}
    return {**applied.result, "metadata": metadata, "status": None}


def _assert_application_is_accepted(world: World, namespace: str) -> None:
    files = {"app.py": SERVICE, "requirements.txt": "", "Procfile": "web: python app.py\n"}
    (component,) = read(sorted(files), files, "greeter").components
    placement = Placement(
        owner="acme",
        repository="greeter",
        default_branch="main",
        team="storefront",
        namespace=namespace,
        registry_host="registry.example",
        cluster_url=world.url,
        cluster_ca=None,
        oidc_audience="onramp-cluster",
        address=ADDRESS,
    )
    manifests = manifest_objects(manifest_files(component, placement))
    assert {manifest["kind"] for manifest in manifests} >= {"Deployment", "Service", "Ingress", "ServiceAccount"}
    for manifest in manifests:
        for verb in ("get", "create", "patch"):
            assert world.onramp.may(verb, manifest["kind"], namespace, user=SUBJECT), f"{verb} {manifest['kind']}"
        applied = world.platform.apply(manifest, manager="onramp-pipeline")
        assert applied.warnings == (), manifest["kind"]


def test_planning_cannot_change_anything(world: World, namespace: str) -> None:
    account = _object("LimitRange", "deployer", namespace)
    with http.read_only(), http.recording() as calls:
        world.onramp.dry_run([account])
        world.onramp.may("create", "Namespace", None)
        with pytest.raises(http.EffectWhilePlanning):
            world.onramp.apply(account)
        with pytest.raises(http.EffectWhilePlanning):
            world.onramp.delete("Namespace", None, namespace)
    changing = [call for call in calls if call.method not in http.SAFE_METHODS]
    assert [call.method for call in changing] == ["PATCH", "POST"]
    assert "dryRun=All" in changing[0].url
    assert changing[1].url.endswith("/selfsubjectaccessreviews")


def test_an_unknown_kind_or_a_missing_name_is_refused_before_sending(world: World) -> None:
    with pytest.raises(Invalid, match="does not handle Node"):
        world.onramp.apply(_object("Node", "one"))
    with pytest.raises(Invalid, match="has no name"):
        world.onramp.apply({"apiVersion": "v1", "kind": "ConfigMap"})


def test_a_silent_server_is_given_up_after_the_timeout() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        client = Kubernetes(Options(api_url=f"http://127.0.0.1:{port}", token=SecretStr("token"), timeout=0.5))
        began = time.monotonic()
        with pytest.raises(Transient):
            client.version()
        assert time.monotonic() - began < 3


def test_options_need_an_address_and_token_or_a_kubeconfig(tmp_path: Path) -> None:
    with pytest.raises(ValidationError, match="set API_URL and TOKEN, or KUBECONFIG"):
        Options(api_url="https://cluster.example")
    (tmp_path / "broken").write_text("clusters: [")
    with pytest.raises(Invalid, match="the kubeconfig cannot be read"):
        Kubernetes(Options(kubeconfig=tmp_path / "broken"))

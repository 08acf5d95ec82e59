"""Kubernetes as provider of *cluster*: one suite, unchanged against the sandbox and against a real API server.

What both say is compared with the same literal sentences, so that neither can drift from the other.
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

from integrations import http
from integrations.cluster import Applied, Cause, Cluster, Manifest
from integrations.cluster.kubernetes import Kubernetes, Options
from integrations.errors import Conflict, Denied, Invalid, Missing, Transient
from onboarding.generate import Placement
from onboarding.generate.checking import objects as manifest_objects
from onboarding.generate.manifests import manifest_files
from onboarding.generate.room import room
from onboarding.stacks import read
from tests.integrations import control_plane
from tests.sandbox.process import Sandbox

ASSETS = "KUBEBUILDER_ASSETS names no folder with etcd and kube-apiserver: not compared with a real API server"
CONTROLLERS = "KUBEBUILDER_ASSETS holds no kube-controller-manager: what needs controllers was not compared"
RESTRICTED = {"pod-security.kubernetes.io/enforce": "restricted"}
SERVICE = "import os\nPORT = int(os.environ.get('PORT', '8080'))\nPATHS = ('/healthz', '/metrics')\n"
SUBJECT = "github:repo:acme/parcel-tracker:ref:refs/heads/main"


@dataclass
class World:
    """One cluster, seen by its administrator and by Onramp."""

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
def real(sandboxed: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A real API server in which Onramp has the very rights that it has in the sandbox."""
    programs = control_plane.programs()
    if programs is None:
        pytest.skip(ASSETS)
    with control_plane.running(programs, tmp_path_factory.mktemp("cluster")) as plane:
        token = control_plane.TOKENS["onramp"]
        platform = _client(plane.url, control_plane.TOKENS["platform"], plane.ca_file)
        onramp, stranger = (_client(plane.url, one, plane.ca_file) for one in (token, "expired"))
        for kind in ("ClusterRole", "ClusterRoleBinding"):
            given = sandboxed.platform.get(kind, None, "onramp")
            assert given
            kept = {key: value for key, value in given.items() if key != "metadata"}
            platform.apply({**kept, "metadata": {"name": "onramp"}}, manager="platform")
        yield World("real", plane.url, platform, onramp, stranger, plane.controllers, plane.ca_file, token)


@pytest.fixture(params=["sandboxed", "real"])
def world(request: pytest.FixtureRequest) -> World:
    found: World = request.getfixturevalue(request.param)
    return found


@pytest.fixture
def namespace(world: World) -> Iterator[str]:
    """A namespace of its own for each test, made by Onramp."""
    name = f"room-{uuid.uuid4().hex[:8]}"
    world.onramp.apply(_object("Namespace", name, labels=RESTRICTED))
    world.platform.apply(_object("ServiceAccount", "default", name), manager="platform")
    yield name
    world.platform.delete("Namespace", None, name)


def _object(kind: str, name: str, namespace: str = "", labels: dict[str, str] | None = None, **rest: Any) -> Manifest:
    versions = {
        "Deployment": "apps/v1",
        "NetworkPolicy": "networking.k8s.io/v1",
        "Role": "rbac.authorization.k8s.io/v1",
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
    of_pod = {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}}
    return {"securityContext": of_pod, "containers": [container]}


def _deployment(namespace: str, **spec: Any) -> Manifest:
    labels = {"app.kubernetes.io/name": "web"}
    template = {"metadata": {"labels": labels}, "spec": _pod_spec(**spec)}
    body = {"replicas": 1, "selector": {"matchLabels": labels}, "template": template}
    return _object("Deployment", "web", namespace, spec=body)


def _eventually(holds: Callable[[], Any]) -> Any:
    deadline = time.monotonic() + 20
    while not (found := holds()):
        assert time.monotonic() < deadline, "it did not come about within 20 s"
        time.sleep(0.2)
    return found


def _quota(world: World, namespace: str, **hard: str) -> None:
    """A quota that is enforced: its status has been worked out."""
    given = {name.replace("_", "."): value for name, value in hard.items()}
    world.onramp.apply(_object("ResourceQuota", "room", namespace, spec={"hard": given}))

    def counted() -> bool:
        found = world.onramp.get("ResourceQuota", namespace, "room") or {}
        return bool(found.get("status", {}).get("hard") == given)

    _eventually(counted)


def test_it_keeps_the_promise(world: World) -> None:
    kept: Cluster = world.onramp
    kept.ready()
    assert kept.version().startswith("v1.")


def test_a_kubeconfig_serves_as_well(world: World, tmp_path: Path) -> None:
    path = tmp_path / "kubeconfig"
    path.write_text(control_plane.kubeconfig_text(world.url, world.ca_file, world.token))
    Kubernetes(Options(kubeconfig=path)).ready()


def test_what_is_not_there_is_none(world: World, namespace: str) -> None:
    assert world.onramp.get("Namespace", None, "never-heard-of") is None
    assert world.onramp.get("ConfigMap", namespace, "never-heard-of") is None
    assert world.onramp.list("Deployment", namespace) == []
    assert world.onramp.workload(namespace, "web") is None


@pytest.mark.fault(12, "409 by ourselves")
def test_applying_twice_changes_nothing(world: World, namespace: str) -> None:
    policy = _object("NetworkPolicy", "deny", namespace, spec={"podSelector": {}, "policyTypes": ["Ingress"]})
    first, second = world.onramp.apply(policy), world.onramp.apply(policy)
    assert (first.created, second.created) == (True, False)
    assert (first.uid, first.resource_version) == (second.uid, second.resource_version)


def test_what_is_no_longer_applied_goes(world: World, namespace: str) -> None:
    world.onramp.apply(_object("ServiceAccount", "deployer", namespace, labels={"kept": "yes", "dropped": "yes"}))
    applied = world.onramp.apply(_object("ServiceAccount", "deployer", namespace, labels={"kept": "yes"}))
    assert applied.result["metadata"]["labels"] == {"kept": "yes"}


def test_two_managers_share_an_object(world: World, namespace: str) -> None:
    world.onramp.apply(_object("ServiceAccount", "deployer", namespace, labels={"ours": "yes"}))
    world.platform.apply(_object("ServiceAccount", "deployer", namespace, labels={"theirs": "yes"}), manager="platform")
    applied = world.onramp.apply(_object("ServiceAccount", "deployer", namespace, labels={"ours": "still"}))
    assert applied.result["metadata"]["labels"] == {"ours": "still", "theirs": "yes"}
    owned = {one["manager"]: one["fieldsV1"] for one in applied.result["metadata"]["managedFields"]}
    assert owned == {
        "onramp": {"f:metadata": {"f:labels": {"f:ours": {}}}},
        "platform": {"f:metadata": {"f:labels": {"f:theirs": {}}}},
    }


@pytest.mark.fault(12, "409 by a stranger")
def test_fields_of_others_are_a_conflict_until_forced(world: World, namespace: str) -> None:
    limits = [{"type": "Container", "default": {"cpu": "1"}, "defaultRequest": {"cpu": "100m"}}]
    theirs = _object("LimitRange", "limits", namespace, labels={"tier": "gold"}, spec={"limits": limits})
    world.platform.apply(theirs, manager="platform")
    ours = _object("LimitRange", "limits", namespace, labels={"tier": "tin"}, spec={"limits": [{"type": "Container"}]})
    says = 'Apply failed with 2 conflicts: conflicts with "platform":\n- .metadata.labels.tier\n- .spec.limits'
    with pytest.raises(Conflict) as refused:
        world.onramp.apply(ours)
    assert refused.value.detail == says
    (verdict,) = world.onramp.dry_run([ours])
    assert (verdict.cause, verdict.says) == (Cause.CONFLICT, says)
    forced = world.onramp.apply(ours, force=True)
    assert forced.result["metadata"]["labels"]["tier"] == "tin"
    assert {one["manager"] for one in forced.result["metadata"]["managedFields"]} == {"onramp"}


def test_a_conflict_names_the_field_inside_a_list(world: World, namespace: str) -> None:
    world.platform.apply(_deployment(namespace), manager="onramp-pipeline")
    other = _deployment(namespace)
    other["spec"]["template"]["spec"]["containers"][0]["image"] = "registry.example/web:2"
    with pytest.raises(Conflict) as refused:
        world.platform.apply(other, manager="somebody")
    field = '.spec.template.spec.containers[name="web"].image'
    assert refused.value.detail == f'Apply failed with 1 conflict: conflict with "onramp-pipeline": {field}'


def test_a_dry_run_changes_nothing(world: World, namespace: str) -> None:
    account = _object("ServiceAccount", "deployer", namespace)
    assert world.onramp.dry_run([account]) == []
    assert world.onramp.get("ServiceAccount", namespace, "deployer") is None


def test_a_dry_run_tells_each_refusal_by_its_cause(world: World, namespace: str) -> None:
    misspelt = _object("NetworkPolicy", "deny", namespace, spec={"podSelektor": {}})
    nameless = _object("Role", "deployer", "never-made", rules=[])
    fine = _object("ServiceAccount", "deployer", namespace)
    unknown, missing = world.onramp.dry_run([misspelt, fine, nameless])
    where = f"{namespace}/deny; networking.k8s.io/v1, Kind=NetworkPolicy"
    assert unknown.cause is Cause.INVALID
    says = f"failed to create typed patch object ({where}): .spec.podSelektor: field not declared in schema"
    assert unknown.says == says
    assert (missing.cause, missing.says) == (Cause.NAMESPACE_MISSING, 'namespaces "never-made" not found')
    assert (missing.kind, missing.name) == ("Role", "deployer")


def test_a_selector_that_does_not_match_is_invalid(world: World, namespace: str) -> None:
    deployment = _deployment(namespace)
    deployment["spec"]["template"]["metadata"]["labels"] = {"app.kubernetes.io/name": "other"}
    with pytest.raises(Invalid) as refused:
        world.platform.apply(deployment)
    assert refused.value.detail == (
        'Deployment.apps "web" is invalid: spec.template.metadata.labels: Invalid value: '
        '{"app.kubernetes.io/name":"other"}: `selector` does not match template `labels`'
    )


def test_names_are_checked(world: World) -> None:
    with pytest.raises(Invalid, match="a lowercase RFC 1123 label must consist of") as refused:
        world.onramp.apply(_object("Namespace", "Not_A_Name"))
    assert refused.value.status == 422


def test_may_answers_for_ourselves(world: World, namespace: str) -> None:
    assert world.onramp.may("patch", "ResourceQuota", namespace)
    assert world.onramp.may("create", "Namespace", None)
    assert not world.onramp.may("patch", "Deployment", namespace)
    assert not world.onramp.may("list", "Secret", namespace)


def test_the_deployer_may_deploy_into_its_own_namespace_only(world: World, namespace: str) -> None:
    """Onramp grants by a role what it may not do itself."""
    rules = [{"apiGroups": ["apps"], "resources": ["deployments"], "verbs": ["get", "create", "patch"]}]
    group = "rbac.authorization.k8s.io"
    role = {"apiGroup": group, "kind": "Role", "name": "deployer"}
    subjects = [{"apiGroup": group, "kind": "User", "name": SUBJECT}]
    world.onramp.apply(_object("Role", "deployer", namespace, rules=rules))
    world.onramp.apply(_object("RoleBinding", "deployer", namespace, roleRef=role, subjects=subjects))
    _eventually(lambda: world.onramp.may("patch", "Deployment", namespace, user=SUBJECT))
    assert not world.onramp.may("patch", "Deployment", "default", user=SUBJECT)
    assert not world.onramp.may("delete", "Deployment", namespace, user=SUBJECT)
    assert not world.onramp.may("get", "Secret", namespace, user=SUBJECT)
    assert not world.onramp.may("patch", "Deployment", namespace, user=f"{SUBJECT}x")


def test_a_refusal_names_the_missing_right(world: World, namespace: str) -> None:
    with pytest.raises(Denied) as refused:
        world.onramp.list("Secret", namespace)
    where = f'in API group "" in the namespace "{namespace}"'
    assert refused.value.detail == f'secrets is forbidden: User "onramp" cannot list resource "secrets" {where}'
    assert not refused.value.credentials
    (verdict,) = world.onramp.dry_run([_deployment(namespace)])
    says = 'User "onramp" cannot patch resource "deployments" in API group "apps"'
    assert verdict.cause is Cause.RIGHTS
    assert verdict.says == f'deployments.apps "web" is forbidden: {says} in the namespace "{namespace}"'


def test_unknown_credentials_are_told_apart(world: World) -> None:
    with pytest.raises(Denied) as refused:
        world.stranger.ready()
    assert refused.value.credentials


def test_pod_security_refuses_a_pod_and_warns_of_a_deployment(world: World, namespace: str) -> None:
    violates = (
        'PodSecurity "restricted:latest": allowPrivilegeEscalation != false (container "web" must set '
        'securityContext.allowPrivilegeEscalation=false), unrestricted capabilities (container "web" must set '
        'securityContext.capabilities.drop=["ALL"]), runAsNonRoot != true (pod or container "web" must set '
        'securityContext.runAsNonRoot=true), seccompProfile (pod or container "web" must set '
        'securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost")'
    )
    (verdict,) = world.onramp.dry_run([_object("Pod", "web", namespace, spec=_pod_spec(safe=False))])
    says = f'pods "web" is forbidden: violates {violates}'
    assert (verdict.cause, verdict.says) == (Cause.POD_SECURITY, says)
    applied = world.platform.apply(_deployment(namespace, safe=False))
    assert applied.warnings == (f"would violate {violates}",)


def test_a_limit_range_gives_defaults_and_refuses_what_passes_it(world: World, namespace: str) -> None:
    limit = {"type": "Container", "default": {"cpu": "200m"}, "defaultRequest": {"cpu": "50m"}, "max": {"cpu": "1"}}
    world.onramp.apply(_object("LimitRange", "limits", namespace, spec={"limits": [limit]}))
    spec = _pod_spec()
    spec["containers"][0]["resources"] = {}
    made = _eventually(lambda: _given(world, namespace, spec))
    assert made == {"limits": {"cpu": "200m"}, "requests": {"cpu": "50m"}}
    spec["containers"][0]["resources"] = {"limits": {"cpu": "2"}}
    (verdict,) = world.onramp.dry_run([_object("Pod", "web", namespace, spec=spec)])
    says = 'pods "web" is forbidden: maximum cpu usage per Container is 1, but limit is 2'
    assert (verdict.cause, verdict.says) == (Cause.LIMITS, says)


def _given(world: World, namespace: str, spec: dict[str, Any]) -> Any:
    """The resources that a pod gets; real admission sees a new LimitRange only after a moment."""
    name = f"web-{uuid.uuid4().hex[:6]}"
    applied = world.platform.apply(_object("Pod", name, namespace, spec=spec))
    world.platform.delete("Pod", namespace, name)
    return applied.result["spec"]["containers"][0]["resources"]


@pytest.mark.fault(12, "quota 403")
def test_a_quota_refuses_the_pod_and_not_the_deployment(world: World, namespace: str) -> None:
    world.needs_controllers()
    _quota(world, namespace, requests_cpu="500m", requests_memory="256Mi")
    assert world.platform.dry_run([_deployment(namespace, cpu="2")]) == []
    (verdict,) = world.onramp.dry_run([_object("Pod", "web", namespace, spec=_pod_spec(cpu="2"))])
    assert verdict.cause is Cause.QUOTA
    assert verdict.says == (
        'pods "web" is forbidden: exceeded quota: room, requested: requests.cpu=2, used: requests.cpu=0, '
        "limited: requests.cpu=500m"
    )
    silent = _pod_spec()
    silent["containers"][0]["resources"] = {}
    (verdict,) = world.onramp.dry_run([_object("Pod", "web", namespace, spec=silent)])
    must = "must specify requests.cpu for: web; requests.memory for: web"
    assert (verdict.cause, verdict.says) == (Cause.QUOTA, f'pods "web" is forbidden: failed quota: room: {must}')


def test_a_workload_says_why_its_pods_are_refused(world: World, namespace: str) -> None:
    world.needs_controllers()
    _quota(world, namespace, requests_cpu="50m")
    world.platform.apply(_deployment(namespace))
    _eventually(lambda: _workload(world, namespace).stuck)
    workload = _workload(world, namespace)
    assert (workload.available, workload.current, workload.ready, workload.wanted) == (False, False, 0, 1)
    assert workload.reason == "FailedCreate"
    assert workload.says.startswith('The cluster refuses the pods: pods "web-')
    assert "exceeded quota: room, requested: requests.cpu=100m" in workload.says
    told = _eventually(lambda: [one for one in world.onramp.events(namespace) if one.reason == "FailedCreate"])
    assert told[0].kind == "ReplicaSet"
    assert told[0].warning
    assert "exceeded quota: room" in told[0].says


def _workload(world: World, namespace: str) -> Any:
    found = world.onramp.workload(namespace, "web")
    assert found
    return found


def test_lists_are_narrowed_by_namespace_and_labels(world: World, namespace: str) -> None:
    for name, team in (("one", "a"), ("two", "b"), ("three", "a")):
        world.onramp.apply(_object("ServiceAccount", name, namespace, labels={"team": team}))
    found = world.onramp.list("ServiceAccount", namespace, {"team": "a"})
    assert {one["metadata"]["name"] for one in found} == {"one", "three"}
    assert {(one["apiVersion"], one["kind"]) for one in found} == {("v1", "ServiceAccount")}
    assert namespace in {one["metadata"]["name"] for one in world.onramp.list("Namespace", labels=RESTRICTED)}


def test_only_what_we_made_is_deleted(world: World, namespace: str) -> None:
    world.onramp.apply(_object("ServiceAccount", "ours", namespace))
    world.platform.apply(_object("ServiceAccount", "theirs", namespace, labels={"a": "b"}), manager="platform")
    world.onramp.apply(_object("ServiceAccount", "ours", namespace, labels={"a": "b"}))
    world.onramp.delete("ServiceAccount", namespace, "ours")
    world.onramp.delete("ServiceAccount", namespace, "ours")
    assert world.onramp.get("ServiceAccount", namespace, "ours") is None
    with pytest.raises(Conflict, match="was not made by onramp"):
        world.onramp.delete("ServiceAccount", namespace, "theirs")
    assert world.onramp.get("ServiceAccount", namespace, "theirs")


def test_logs_of_a_pod_that_is_not_there(world: World, namespace: str) -> None:
    with pytest.raises(Missing) as missing:
        world.onramp.logs(namespace, "web")
    assert missing.value.detail == 'pods "web" not found'


def test_what_we_generate_is_accepted(world: World) -> None:
    """The tenant's room by Onramp, the application by its pipeline's rights; a second time changes nothing."""
    name = f"room-{uuid.uuid4().hex[:8]}"
    quota = {"requests.cpu": "1", "requests.memory": "1Gi", "pods": "10"}
    pull = ("registry.example", "onramp", "token")
    objects = room(team="storefront", namespace=name, quota=quota, deployers=[SUBJECT], sso_group="sso", registry=pull)
    try:
        for manifest in objects:
            assert _wanted(world.onramp.apply(manifest)) == _wanted(world.onramp.apply(manifest))
        _generated_is_accepted(world, name)
    finally:
        world.platform.delete("Namespace", None, name)


def _wanted(applied: Applied) -> Manifest:
    """An object without what the cluster's controllers write into it meanwhile."""
    metadata = {key: applied.result["metadata"].get(key) for key in ("uid", "labels", "annotations")}
    return {**applied.result, "metadata": metadata, "status": None}


def _generated_is_accepted(world: World, namespace: str) -> None:
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
        address="http://{application}.{namespace}.localhost",
    )
    manifests = manifest_objects(manifest_files(component, placement))
    assert {one["kind"] for one in manifests} >= {"Deployment", "Service", "Ingress", "ServiceAccount"}
    for manifest in manifests:
        for verb in ("get", "create", "patch"):
            assert world.onramp.may(verb, manifest["kind"], namespace, user=SUBJECT), f"{verb} {manifest['kind']}"
        applied = world.platform.apply(manifest, manager="onramp-pipeline")
        assert applied.warnings == (), manifest["kind"]


def test_planning_cannot_change_anything(world: World, namespace: str) -> None:
    account = _object("ServiceAccount", "deployer", namespace)
    with http.reading(), http.recording() as calls:
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


def test_a_kind_that_we_do_not_write_is_refused_here(world: World) -> None:
    with pytest.raises(Invalid, match="nothing that we write"):
        world.onramp.apply(_object("Node", "one"))
    with pytest.raises(Invalid, match="has no name"):
        world.onramp.apply({"apiVersion": "v1", "kind": "ConfigMap"})


def test_a_silent_server_is_given_up_within_the_bound() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        client = Kubernetes(Options(api_url=f"http://127.0.0.1:{port}", token=SecretStr("token"), timeout=0.5))
        began = time.monotonic()
        with pytest.raises(Transient):
            client.version()
        assert time.monotonic() - began < 3


def test_options_need_one_way_in(tmp_path: Path) -> None:
    with pytest.raises(ValidationError, match="set API_URL and TOKEN, or KUBECONFIG"):
        Options(api_url="https://cluster.example")
    (tmp_path / "broken").write_text("clusters: [")
    with pytest.raises(Invalid, match="the kubeconfig cannot be read"):
        Kubernetes(Options(kubeconfig=tmp_path / "broken"))

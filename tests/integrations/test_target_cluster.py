"""What a team, its pipeline and Onramp's own accounts cannot do in a real cluster that deploy/target-cluster has prepared.

Each attack is sent to a real API server. What is refused is refused by RBAC, by a policy or by a quota; the sentence that a
person who tried it would read is compared.
"""

import copy
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from generate.namespace import objects as namespace_objects
from tests.integrations import control_plane, target_cluster
from tests.integrations.target_cluster import ONRAMP, WEB, Api, Manifest, object_of

ASSETS = "KUBEBUILDER_ASSETS names no folder with etcd and kube-apiserver: policies were not tried"
NAMESPACE = "storefront"
PIPELINE = "github:repo:acme/shop:ref:refs/heads/main"
LABELS = {"app.kubernetes.io/name": "shop"}


@pytest.fixture(scope="module")
def admin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    programs = control_plane.programs()
    if programs is None:
        pytest.skip(ASSETS)
    with target_cluster.running(programs, tmp_path_factory.mktemp("cluster")) as plane:
        administrator = target_cluster.administrator(plane)
        onramp = administrator.acting_as(ONRAMP)
        for manifest in tenant():
            response = onramp.apply(manifest)
            assert response.ok, response.text
        yield administrator


def tenant(**changes: Any) -> list[Manifest]:
    """The namespace as Onramp applies it."""
    values: dict[str, Any] = {
        "team": "storefront",
        "namespace": NAMESPACE,
        "quota": {
            "requests.cpu": "2",
            "requests.memory": "2Gi",
            "limits.cpu": "20",
            "limits.memory": "8Gi",
            "pods": "20",
        },
        "deployers": [PIPELINE],
        "sso_group": "acme:storefront",
        "registry": ("registry.example", "bot", "hunter2"),
        "address": "https://{application}.{namespace}.apps.example/",
        "cluster_url": "https://cluster.example",
    }
    return namespace_objects(**(values | changes))


@pytest.fixture
def pipeline(admin: Api) -> Api:
    return admin.acting_as(PIPELINE)


@pytest.fixture
def onramp(admin: Api) -> Api:
    return admin.acting_as(ONRAMP)


def ingress(host: str = "shop.storefront.apps.example", path: str = "/", **metadata: Any) -> Manifest:
    backend = {"service": {"name": "shop", "port": {"name": "http"}}}
    rule = {"host": host, "http": {"paths": [{"path": path, "pathType": "Prefix", "backend": backend}]}}
    return object_of("Ingress", "shop", NAMESPACE, metadata, spec={"rules": [rule]})


def service(**spec: Any) -> Manifest:
    ports = [{"name": "http", "port": 80, "protocol": "TCP"}]
    return object_of("Service", "shop", NAMESPACE, spec={"selector": LABELS, "ports": ports, **spec})


def pod_spec(**changes: Any) -> dict[str, Any]:
    container = {
        "name": "shop",
        "image": "registry.example/shop:1",
        "resources": {"requests": {"cpu": "50m", "memory": "64Mi"}, "limits": {"cpu": "500m", "memory": "128Mi"}},
        "securityContext": {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}},
    }
    context = {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}}
    return {"securityContext": context, "containers": [container], **changes}


def workload(kind: str, **changes: Any) -> Manifest:
    """An object of this kind whose pods have this specification."""
    template = {"metadata": {"labels": LABELS}, "spec": pod_spec(**changes)}
    selector = {"selector": {"matchLabels": LABELS}}
    specs: dict[str, dict[str, Any]] = {
        "Pod": template["spec"],
        "Deployment": {**selector, "template": template},
        "ReplicaSet": {**selector, "template": template},
        "StatefulSet": {**selector, "serviceName": "shop", "template": template},
        "DaemonSet": {**selector, "template": template},
        "ReplicationController": {"selector": LABELS, "template": template},
        "Job": {"template": _once(template)},
        "CronJob": {"schedule": "0 0 * * *", "jobTemplate": {"spec": {"template": _once(template)}}},
    }
    return object_of(kind, "shop", NAMESPACE, spec=specs[kind])


def _once(template: dict[str, Any]) -> dict[str, Any]:
    return {**template, "spec": {**template["spec"], "restartPolicy": "Never"}}


WORKLOADS = ["Deployment", "ReplicaSet", "StatefulSet", "DaemonSet", "ReplicationController", "Job", "CronJob"]


def changed(manifest: Manifest, change: Callable[[dict[str, Any]], Any]) -> Manifest:
    """A copy whose `spec` the function has changed."""
    altered = copy.deepcopy(manifest)
    change(altered["spec"])
    return altered


def tls(*hosts: str) -> Manifest:
    return changed(ingress(), lambda spec: spec.update(tls=[{"hosts": list(hosts), "secretName": "tls"}]))


def test_the_expressions_fit_the_types_of_the_objects(admin: Api) -> None:
    """The server evaluates what it can; its controller says afterwards which fields an expression got wrong."""
    path = "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies"
    for _ in range(100):
        policies = admin.send("GET", path).json()["items"]
        ours = [each for each in policies if each["metadata"]["name"].startswith("onramp-")]
        if all("observedGeneration" in each.get("status", {}) for each in ours):
            break
        time.sleep(0.2)
    else:
        pytest.skip("KUBEBUILDER_ASSETS has no kube-controller-manager: expressions were not checked")
    warnings = [each["status"].get("typeChecking", {}).get("expressionWarnings", []) for each in ours]
    assert not any(warnings), warnings


def test_what_a_pipeline_needs_is_admitted(pipeline: Api) -> None:
    issuer = {"cert-manager.io/cluster-issuer": "default"}
    for manifest in (
        ingress(annotations=issuer),
        tls("shop.storefront.apps.example"),
        service(),
        workload("Deployment"),
    ):
        assert pipeline.allows(manifest) == "", manifest["kind"]
    assert pipeline.allows(service(clusterIP="None")) == ""
    assert pipeline.allows(ingress(path="/deep/path")) == ""


HOST = "every rule needs a host of this team: https://<application>.storefront.apps.example/"


@pytest.mark.parametrize(
    ("manifest", "message"),
    [
        pytest.param(ingress("shop.payments.apps.example"), HOST, id="another team's host"),
        pytest.param(ingress("onramp.example"), HOST, id="Onramp's host"),
        pytest.param(ingress("*.storefront.apps.example"), HOST, id="wildcard"),
        pytest.param(ingress("a.b.storefront.apps.example"), HOST, id="deeper host"),
        pytest.param(ingress("shop.storefront.apps.example.evil.example"), HOST, id="longer host"),
        pytest.param(ingress("shop.storefrontxapps.example"), HOST, id="a dot is a dot"),
        pytest.param(changed(ingress(), lambda spec: spec["rules"][0].pop("host")), HOST, id="no host"),
        pytest.param(
            changed(
                ingress(), lambda spec: spec.update(defaultBackend={"service": {"name": "a", "port": {"number": 1}}})
            ),
            "no default backend",
            id="default backend",
        ),
        pytest.param(changed(ingress(), lambda spec: spec["rules"][0].pop("http")), "needs paths", id="no paths"),
        pytest.param(
            tls("shop.payments.apps.example"), "tls needs hosts of this team", id="another team's certificate"
        ),
        pytest.param(tls(), "tls needs hosts of this team", id="certificate for all hosts"),
        pytest.param(
            changed(
                ingress(), lambda spec: spec["rules"][0]["http"]["paths"][0].update(pathType="ImplementationSpecific")
            ),
            "the pathType must be Prefix or Exact",
            id="regular expression",
        ),
        *[
            pytest.param(
                ingress(annotations={f"nginx.ingress.kubernetes.io/{name}": "proxy_pass http://10.0.0.1;"}),
                "these annotations of an Ingress are not allowed",
                id=name,
            )
            for name in (
                "configuration-snippet",
                "server-snippet",
                "auth-snippet",
                "auth-url",
                "use-regex",
                "proxy-body-size",
            )
        ],
        pytest.param(service(type="NodePort"), "must be of type ClusterIP", id="NodePort"),
        pytest.param(service(type="LoadBalancer"), "must be of type ClusterIP", id="LoadBalancer"),
        pytest.param(
            service(type="ExternalName", externalName="db.payments.svc"), "must be of type ClusterIP", id="ExternalName"
        ),
        pytest.param(service(externalIPs=["10.0.0.1"]), "must have no externalIPs", id="externalIPs"),
        pytest.param(
            {**service(), "metadata": {**service()["metadata"], "annotations": {"external-dns.example/hostname": "x"}}},
            "may have no annotations except",
            id="annotations of controllers",
        ),
        pytest.param(
            object_of("PodDisruptionBudget", "shop", NAMESPACE, spec={"maxUnavailable": 0}),
            "needs maxUnavailable of at least 1",
            id="budget that blocks drains",
        ),
        pytest.param(
            object_of("ServiceAccount", "shop", NAMESPACE, {"annotations": {"cloud.example/role": "admin"}}),
            "may have no annotations",
            id="cloud identity",
        ),
        pytest.param(
            object_of("ServiceAccount", "default", NAMESPACE, automountServiceAccountToken=True),
            "get no token",
            id="token of the default account",
        ),
    ],
)
def test_a_pipeline_cannot_reach_beyond_its_team(pipeline: Api, manifest: Manifest, message: str) -> None:
    assert message in pipeline.allows(manifest)


def limits(**amounts: Any) -> dict[str, Any]:
    spec = pod_spec()
    spec["containers"][0]["resources"] = amounts
    return {"containers": spec["containers"]}


def affinity(**term: Any) -> dict[str, Any]:
    required = {"nodeSelectorTerms": [term]}
    return {"affinity": {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": required}}}


CONTROL_PLANE = "node-role.kubernetes.io/control-plane"


@pytest.mark.parametrize("kind", WORKLOADS)
@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"priorityClassName": "system-node-critical"}, "a priority class must be one that the platform offers"),
        ({"priorityClassName": "someone-elses"}, "a priority class must be one that the platform offers"),
        ({"tolerations": [{"operator": "Exists"}]}, "must not tolerate taints"),
        ({"tolerations": [{"key": CONTROL_PLANE, "operator": "Exists"}]}, "must not tolerate taints"),
        ({"nodeName": "node-1"}, "must not choose a node"),
        ({"nodeSelector": {CONTROL_PLANE: ""}}, "must not choose single nodes"),
        (affinity(matchExpressions=[{"key": CONTROL_PLANE, "operator": "Exists"}]), "must not choose single nodes"),
        (
            affinity(matchFields=[{"key": "metadata.name", "operator": "In", "values": ["node-1"]}]),
            "must not choose single nodes",
        ),
        (limits(limits={"cpu": "64"}), "each container may have a CPU limit of 4"),
        (limits(requests={"cpu": "10m"}, limits={"cpu": "4"}), "and of 10 times its request"),
        (limits(requests={"cpu": "10m"}), "and of 10 times its request"),
        (limits(limits={"memory": "64Gi"}), "each container may have a memory limit of 8Gi"),
        (limits(limits={"memory": "1Gi"}, requests={"memory": "1Mi"}), "and of 4 times its request"),
        (limits(limits={"example.com/gpu": "1"}), "and no devices"),
    ],
)
def test_the_templates_of_all_workloads_are_checked(
    admin: Api, kind: str, changes: dict[str, Any], message: str
) -> None:
    """By the administrator as well: a pipeline may write only some of these kinds."""
    assert message in admin.allows(workload(kind, **changes))
    assert admin.allows(workload(kind)) == ""


def test_pods_are_checked_as_well(admin: Api) -> None:
    assert admin.allows(workload("Pod")) == ""
    assert "priority class" in admin.allows(workload("Pod", priorityClassName="system-node-critical"))
    assert "tolerate" in admin.allows(workload("Pod", tolerations=[{"operator": "Exists"}]))
    assert "nodeName" in admin.allows(workload("Pod", nodeName="node-1"))
    assert "violates PodSecurity" in admin.allows(workload("Pod", volumes=[{"name": "a", "hostPath": {"path": "/"}}]))


def test_a_team_writes_secrets_but_no_tokens(admin: Api) -> None:
    team = admin.acting_as("alice", "acme:storefront")
    named = {"annotations": {"kubernetes.io/service-account.name": "default"}}
    token = object_of("Secret", "token", NAMESPACE, named, type="kubernetes.io/service-account-token")
    assert team.allows(object_of("Secret", "mine", NAMESPACE, type="Opaque")) == ""
    assert "a Secret must not be a token of a ServiceAccount" in team.allows(token)


def test_outside_of_teams_namespaces_nothing_changes(admin: Api) -> None:
    elsewhere = copy.deepcopy(workload("Deployment", priorityClassName="system-cluster-critical"))
    elsewhere["metadata"]["namespace"] = "kube-system"
    assert admin.allows(elsewhere) == ""


REFUSED = [
    ("secrets", "get"),
    ("secrets", "list"),
    ("secrets", "create"),
    ("pods", "create"),
    ("pods/exec", "create"),
    ("pods/ephemeralcontainers", "patch"),
    ("pods/binding", "create"),
    ("serviceaccounts/token", "create"),
    ("rolebindings.rbac.authorization.k8s.io", "create"),
    ("roles.rbac.authorization.k8s.io", "create"),
    ("resourcequotas", "patch"),
    ("limitranges", "patch"),
    ("networkpolicies.networking.k8s.io", "patch"),
    ("endpoints", "patch"),
    ("endpointslices.discovery.k8s.io", "patch"),
    ("namespaces", "patch"),
    ("users", "impersonate"),
    ("jobs.batch", "create"),
    ("daemonsets.apps", "create"),
]


def may(api: Api, verb: str, resource: str, namespace: str = NAMESPACE, name: str = "") -> bool:
    plural, _, group = resource.partition(".")
    plural, _, subresource = plural.partition("/")
    attributes = {
        "verb": verb, "group": group, "resource": plural, "subresource": subresource, "namespace": namespace, "name": name,
    }  # fmt: skip
    body = {
        "apiVersion": "authorization.k8s.io/v1",
        "kind": "SelfSubjectAccessReview",
        "spec": {"resourceAttributes": attributes},
    }
    answer = api.send("POST", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", body)
    return bool(answer.json()["status"]["allowed"])


@pytest.mark.parametrize(("resource", "verb"), REFUSED)
def test_a_pipeline_has_no_right_to_guard_rails_and_secrets(pipeline: Api, resource: str, verb: str) -> None:
    assert not may(pipeline, verb, resource)


def test_a_pipeline_works_in_its_namespace_on_its_branch_only(admin: Api, pipeline: Api) -> None:
    assert may(pipeline, "patch", "deployments.apps")
    assert not may(pipeline, "patch", "deployments.apps", "kube-system")
    assert not may(admin.acting_as(PIPELINE.replace("main", "feature")), "patch", "deployments.apps")


def onramps(kind: str, name: str, namespace: str = NAMESPACE, **body: Any) -> Manifest:
    return object_of(kind, name, namespace, **body)


def namespace_object(name: str, team: str = "", level: str = "restricted") -> Manifest:
    labels = {"pod-security.kubernetes.io/enforce": level} | ({"onramp.dev/team": team} if team else {})
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels}}


def binding(role: str, *subjects: tuple[str, str], kind: str = "ClusterRole") -> Manifest:
    group = "rbac.authorization.k8s.io"
    return onramps(
        "RoleBinding", "grant",
        roleRef={"apiGroup": group, "kind": kind, "name": role},
        subjects=[{"apiGroup": group, "kind": subject, "name": name} for subject, name in subjects],
    )  # fmt: skip


ONLY_TEAMS = "Onramp changes only namespaces that are labelled onramp.dev/team"
ONLY_SECRETS = "Onramp writes no Secrets except registry and those that end in -settings"


@pytest.mark.parametrize(
    ("manifest", "message"),
    [
        (onramps("ResourceQuota", "storefront", "onramp-allowances", spec={"hard": {"pods": "9"}}), "grants allowances"),
        (onramps("Secret", "a-settings", "onramp-allowances"), "grants allowances"),
        (namespace_object("onramp-allowances", "storefront"), "grants allowances"),
        (onramps("Secret", "a-settings", "kube-system"), "changes nothing in the namespaces of the cluster"),
        (onramps("LimitRange", "a", "default", spec={"limits": []}), "changes nothing in the namespaces of the cluster"),
        (namespace_object("kube-system", "storefront"), "changes nothing in the namespaces of the cluster"),
        (namespace_object("kube-new", "storefront"), "changes nothing in the namespaces of the cluster"),
        (onramps("LimitRange", "a", "elsewhere", spec={"limits": []}), ONLY_TEAMS),
        (namespace_object("elsewhere", "storefront"), ONLY_TEAMS),
        (namespace_object("fresh"), "labels a namespace with its team once"),
        (namespace_object("fresh", "storefront", "privileged"), "labels a namespace with its team once"),
        (namespace_object(NAMESPACE, "payments"), "labels a namespace with its team once"),
        (onramps("Secret", "tls"), ONLY_SECRETS),
        (
            onramps(
                "Secret", "a-settings", type="kubernetes.io/service-account-token",
                metadata={"annotations": {"kubernetes.io/service-account.name": "default"}},
            ),
            "denied request",
        ),
        (onramps("Secret", "a-settings", type="example.com/other"), ONLY_SECRETS),
        (onramps("ServiceAccount", "robot"), "writes no ServiceAccount except default"),
        (binding("cluster-admin", ("User", "eve")), "is attempting to grant RBAC permissions not currently held"),
        (binding("onramp", ("User", "eve")), "binds the roles onramp-tenant and onramp-deployer"),
        (binding("onramp-deployer", ("Group", "system:authenticated")), "no accounts of the cluster"),
        (onramps("Role", "robot", rules=[]), 'cannot patch resource "roles"'),
        (
            {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole", "metadata": {"name": "onramp-deployer"}},
            'cannot patch resource "clusterroles"',
        ),
    ],
)  # fmt: skip
def test_onramp_cannot_leave_the_namespaces_of_teams(admin: Api, manifest: Manifest, message: str) -> None:
    assert admin.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "elsewhere"}}).ok
    assert message in admin.acting_as(ONRAMP).allows(manifest)


def test_onramp_names_its_new_namespaces(onramp: Api) -> None:
    """A POST names no namespace in its path, and the server may complete the name."""
    for name in ({"name": "posted"}, {"generateName": "kube-"}):
        manifest = namespace_object("", "storefront", "privileged")
        manifest["metadata"] = {"labels": manifest["metadata"]["labels"], **name}
        assert "denied request: Onramp" in onramp.send("POST", "/api/v1/namespaces?dryRun=All", manifest).text
    manifest["metadata"] = {"labels": LABELS, "generateName": "posted-"}
    assert (
        "labels a namespace with its team once" in onramp.send("POST", "/api/v1/namespaces?dryRun=All", manifest).text
    )


def test_onramp_may_do_what_it_needs(onramp: Api) -> None:
    assert onramp.allows(namespace_object("fresh", "fresh")) == ""
    assert onramp.allows(onramps("Secret", "shop-settings", type="Opaque")) == ""
    assert onramp.allows(workload("Pod")) == ""
    for manifest in tenant():
        assert onramp.allows(manifest) == "", manifest["kind"]


def test_onramp_tries_pods_and_never_creates_them(onramp: Api) -> None:
    response = onramp.apply(workload("Pod"))
    assert not response.ok
    assert "as a dry run only" in response.text


def test_onramp_reads_secrets_only_where_policies_let_it(admin: Api, onramp: Api) -> None:
    """An empty patch as a dry run answers with the object; a `get` would pass no policy."""
    assert not may(onramp, "get", "secrets", NAMESPACE)
    hidden = object_of("Secret", "tls", NAMESPACE, stringData={"key": "hidden"})
    shown = object_of("Secret", "shop-settings", NAMESPACE, type="Opaque", stringData={"key": "shown"})
    system = object_of("Secret", "a-settings", "kube-system", stringData={"key": "hidden"})
    for manifest in (hidden, shown, system):
        assert admin.apply(manifest).ok
    answers = {
        manifest["metadata"]["name"]: onramp.send(
            "PATCH", f"{target_cluster.path_of(manifest)}?dryRun=All", {}, "application/merge-patch+json"
        )
        for manifest in (hidden, shown, system)
    }
    assert answers["shop-settings"].json()["data"] == {"key": "c2hvd24="}
    for name in ("tls", "a-settings"):
        assert not answers[name].ok
        assert "aGlkZGVu" not in answers[name].text


@pytest.mark.parametrize(
    ("verb", "resource"),
    [
        ("impersonate", "users"),
        ("escalate", "clusterroles.rbac.authorization.k8s.io"),
        ("create", "serviceaccounts/token"),
        ("create", "pods/exec"),
        ("create", "clusterrolebindings.rbac.authorization.k8s.io"),
        ("list", "secrets"),
        ("get", "secrets"),
        ("get", "nodes/proxy"),
    ],
)
def test_onramps_accounts_have_no_way_to_more_rights(admin: Api, verb: str, resource: str) -> None:
    for account in (ONRAMP, WEB):
        assert not may(admin.acting_as(account), verb, resource, "")
        assert not may(admin.acting_as(account), verb, resource)


def test_the_web_process_tries_everything_and_changes_only_values(admin: Api) -> None:
    web = admin.acting_as(WEB)
    settings = onramps("Secret", "web-settings", type="Opaque", stringData={"A": "b"})
    for manifest in [each for each in tenant() if each["metadata"]["name"] != "registry"]:
        assert web.allows(manifest) == "", manifest["kind"]
        assert "the web process changes nothing except the values" in web.apply(manifest).text
    assert web.apply(settings).ok
    assert not web.send("DELETE", target_cluster.path_of(settings)).ok


def test_only_the_platform_and_onramp_say_whose_a_namespace_is(admin: Api) -> None:
    """A person who may change namespaces otherwise."""
    group = {"apiGroup": "rbac.authorization.k8s.io"}
    rules = [{"apiGroups": [""], "resources": ["namespaces"], "verbs": ["*"]}]
    role = {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole", "metadata": {"name": "namer"}}
    assert admin.apply({**role, "rules": rules}).ok
    bound = {**role, "kind": "ClusterRoleBinding", "roleRef": {**group, "kind": "ClusterRole", "name": "namer"}}
    assert admin.apply({**bound, "subjects": [{**group, "kind": "User", "name": "dora"}]}).ok
    dora = admin.acting_as("dora")
    assert (
        dora.allows({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "doras", "labels": {"a": "b"}}})
        == ""
    )
    message = "are set by the platform team and by Onramp"
    assert message in dora.allows(namespace_object("doras", "storefront"))
    for change in (
        {"labels": {"onramp.dev/team": "payments"}},
        {"labels": {"onramp.dev/reaches-applications": "true"}},
        {"labels": {"pod-security.kubernetes.io/enforce": "privileged"}},
        {"annotations": {"onramp.dev/address": "https://{application}.payments.apps.example/"}},
    ):
        stolen = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE, **change}}
        assert message in dora.allows(stolen)
    path = f"/api/v1/namespaces/{NAMESPACE}?dryRun=All"
    removed = dora.send(
        "PATCH", path, {"metadata": {"labels": {"onramp.dev/team": None}}}, "application/merge-patch+json"
    )
    assert message in removed.text
    assert admin.allows(namespace_object("admins", "storefront")) == ""


@pytest.mark.parametrize(
    ("pattern", "host", "path", "allowed"),
    [
        ("https://apps.example/{namespace}/{application}/", "apps.example", "/paths/shop/", True),
        ("https://apps.example/{namespace}/{application}/", "apps.example", "/paths/shop", True),
        ("https://apps.example/{namespace}/{application}/", "apps.example", "/paths/shop/api", True),
        ("https://apps.example/{namespace}/{application}/", "apps.example", "/", False),
        ("https://apps.example/{namespace}/{application}/", "apps.example", "/paths", False),
        ("https://apps.example/{namespace}/{application}/", "apps.example", "/payments/shop", False),
        ("https://apps.example/{namespace}/{application}/", "apps.example", "/pathsx/shop", False),
        ("https://apps.example/{namespace}/{application}/", "shop.apps.example", "/paths/shop", False),
        ("https://{application}.apps.example/{namespace}", "shop.apps.example", "/paths", True),
        ("https://{application}.apps.example/{namespace}", "shop.apps.example", "/payments", False),
    ],
)
def test_an_address_may_be_a_path(admin: Api, pattern: str, host: str, path: str, allowed: bool) -> None:
    onramp = admin.acting_as(ONRAMP)
    manifest = tenant(namespace="paths", team="paths", address=pattern)[0]
    assert onramp.apply(manifest).ok
    claimed = ingress(host, path)
    claimed["metadata"]["namespace"] = "paths"
    refusal = admin.allows(claimed)
    assert (refusal == "") is allowed, refusal
    claimed["spec"]["tls"] = [{"hosts": [host], "secretName": "tls"}]
    assert admin.allows(claimed) != "", "no team gets the key of a host that all share"

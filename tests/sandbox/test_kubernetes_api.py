"""The sandbox's API server, through the official client, plain HTTP and the pages."""

import json
import threading
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jwt
import pytest
import requests
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from kubernetes.client import ApiClient, ApiException, Configuration, CoreV1Api
from kubernetes.dynamic import DynamicClient
from kubernetes.watch import Watch

from tests.sandbox.cluster import ONRAMP, Api, Body
from tests.sandbox.process import Sandbox

NAMESPACES = "api/v1/namespaces"
RBAC = "apis/rbac.authorization.k8s.io/v1"


@pytest.fixture
def api(sandbox: Sandbox) -> Api:
    return Api(f"{sandbox.url}/kubernetes")


@pytest.fixture
def onramp(sandbox: Sandbox) -> Api:
    return Api(f"{sandbox.url}/kubernetes", ONRAMP)


@pytest.fixture
def official(api: Api) -> Iterator[ApiClient]:
    configuration = Configuration()
    configuration.host = api.url
    configuration.api_key = {"authorization": f"Bearer {api.token}"}
    with ApiClient(configuration) as client:
        yield client


@pytest.fixture
def namespace(api: Api) -> Iterator[str]:
    name = f"test-{uuid.uuid4().hex[:8]}"
    answer = api.send("POST", NAMESPACES, {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})
    assert answer.status_code == 201, answer.text
    yield name
    api.send("DELETE", f"{NAMESPACES}/{name}")


def _configmap(name: str, **data: str) -> Body:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": data}


def test_the_official_client_discovers_every_kind(official: ApiClient, tmp_path: Path) -> None:
    cache = str(tmp_path / "discovery.json")
    dynamic = DynamicClient(official, cache_file=cache)  # type: ignore[no-untyped-call]
    for version, kind, plural in (
        ("v1", "Namespace", "namespaces"),
        ("apps/v1", "Deployment", "deployments"),
        ("networking.k8s.io/v1", "Ingress", "ingresses"),
        ("rbac.authorization.k8s.io/v1", "RoleBinding", "rolebindings"),
        ("policy/v1", "PodDisruptionBudget", "poddisruptionbudgets"),
    ):
        assert dynamic.resources.get(api_version=version, kind=kind).name == plural
    names = {item.metadata.name for item in dynamic.resources.get(api_version="v1", kind="Namespace").get().items}
    assert {"default", "kube-system", "onramp-allowances", "acme-payments"} <= names


def _reason(error: ApiException) -> str:
    return str(json.loads(error.body or "{}")["reason"])


def test_the_official_client_writes_and_reads(official: ApiClient, namespace: str) -> None:
    core: Any = CoreV1Api(official)
    created = core.create_namespaced_config_map(namespace, _configmap("settings", one="1", two="2"))
    assert created.metadata.managed_fields[0].operation == "Update"
    patched = core.patch_namespaced_config_map("settings", namespace, {"data": {"one": None, "three": "3"}})
    assert patched.data == {"two": "2", "three": "3"}
    with pytest.raises(ApiException) as duplicate:
        core.create_namespaced_config_map(namespace, _configmap("settings"))
    assert (duplicate.value.status, _reason(duplicate.value)) == (409, "AlreadyExists")
    created.data = {"late": "yes"}
    with pytest.raises(ApiException) as stale:
        core.replace_namespaced_config_map("settings", namespace, created)
    assert _reason(stale.value) == "Conflict"
    core.delete_namespaced_config_map("settings", namespace)
    with pytest.raises(ApiException) as missing:
        core.read_namespaced_config_map("settings", namespace)
    assert missing.value.status == 404


def test_a_watch_streams_changes(official: ApiClient, api: Api, namespace: str) -> None:
    core = CoreV1Api(official)
    path = f"{NAMESPACES}/{namespace}/configmaps"
    received: list[tuple[str, str]] = []

    def follow() -> None:
        watch = Watch()  # type: ignore[no-untyped-call]
        events = watch.stream(core.list_namespaced_config_map, namespace, timeout_seconds=5)  # type: ignore[no-untyped-call]
        for event in events:
            received.append((event["type"], event["object"].metadata.name))
            if event["type"] == "DELETED":
                return

    follower = threading.Thread(target=follow)
    follower.start()
    api.send("POST", path, _configmap("a", k="1"))
    time.sleep(0.6)
    api.apply(f"{path}/a", _configmap("a", k="2"), force="true")
    time.sleep(0.6)
    api.send("DELETE", f"{path}/a")
    follower.join(10)
    assert received == [("ADDED", "a"), ("MODIFIED", "a"), ("DELETED", "a")]


@pytest.mark.parametrize(
    ("selector", "names"),
    [
        ("team=a", {"one"}),
        ("team!=a", {"two", "three"}),
        ("team=b,tier=x", {"two"}),
    ],
)
def test_a_list_is_filtered_by_labels(api: Api, namespace: str, selector: str, names: set[str]) -> None:
    path = f"{NAMESPACES}/{namespace}/secrets"
    for name, labels in (("one", {"team": "a"}), ("two", {"team": "b", "tier": "x"}), ("three", {})):
        body = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name, "labels": labels}}
        assert api.send("POST", path, body).status_code == 201
    listed = api.get(path, labelSelector=selector)
    assert {item["metadata"]["name"] for item in listed["items"]} == names


@pytest.mark.parametrize(
    ("method", "path", "body", "headers", "code", "message"),
    [
        ("GET", "api/v1/gadgets", None, {}, 404, "the server could not find the requested resource"),
        (
            "POST",
            NAMESPACES,
            {"kind": "Pod", "apiVersion": "v1"},
            {},
            400,
            'Pod in version "v1" cannot be handled as a Na',
        ),
        ("POST", NAMESPACES, ["x"], {}, 400, "the object provided is unrecognized (must be of type Namespace)"),
        ("PATCH", f"{NAMESPACES}/default", {}, {"Content-Type": "text/plain"}, 415, "415: Unsupported Media Type"),
        ("GET", f"{NAMESPACES}?labelSelector=a in", None, {}, 400, "unable to parse requirement"),
        ("GET", f"{NAMESPACES}?fieldSelector=a.b=c", None, {}, 400, "field label not supported: a.b"),
        ("GET", NAMESPACES, None, {"Authorization": "Bearer nobody"}, 401, "Unauthorized"),
        ("GET", NAMESPACES, None, {"Authorization": "Bearer a.b.c"}, 401, "Unauthorized"),
        (
            "GET",
            NAMESPACES,
            None,
            {"Authorization": ""},
            403,
            'namespaces is forbidden: User "system:anonymous" cannot',
        ),
        ("DELETE", NAMESPACES, None, {}, 405, "the server does not allow this method"),
    ],
)
def test_bad_requests_get_a_status(
    api: Api, method: str, path: str, body: Any, headers: dict[str, str], code: int, message: str
) -> None:
    answer = api.send(method, path, body, headers=headers)
    status = answer.json()
    assert (answer.status_code, status["code"], status["kind"], status["status"]) == (code, code, "Status", "Failure")
    assert message in status["message"]


def test_onramp_can_read_but_not_write_allowances(onramp: Api) -> None:
    path = f"{NAMESPACES}/onramp-allowances/resourcequotas/acme-storefront"
    quota = onramp.get(path)
    assert set(quota["spec"]["hard"]) == {"requests.cpu", "requests.memory", "pods"}
    entries = quota["metadata"]["managedFields"]
    assert {entry["manager"] for entry in entries if "subresource" not in entry} == {"platform"}
    increased = {
        "apiVersion": "v1",
        "kind": "ResourceQuota",
        "metadata": {"name": "acme-storefront"},
        "spec": {"hard": {"pods": "99"}},
    }
    refused = onramp.apply(path, increased, force="true")
    assert refused.status_code == 422
    policy = "ValidatingAdmissionPolicy 'onramp-changes-only-namespaces-of-teams'"
    assert refused.json()["message"].startswith(f'resourcequotas "acme-storefront" is forbidden: {policy}')
    assert refused.json()["message"].endswith("only the platform team grants allowances")


def test_the_page_changes_an_allowance_as_the_platform(sandbox: Sandbox, api: Api) -> None:
    page = f"{sandbox.url}/kubernetes/ui/"
    form = {"requests.cpu": "4", "requests.memory": "4096Mi", "pods": "20"}
    answer = requests.post(f"{page}allowances/acme-payments/", data=form, timeout=10)
    assert answer.status_code == 200
    assert 'value="4Gi"' in answer.text
    quota = api.get(f"{NAMESPACES}/onramp-allowances/resourcequotas/acme-payments")
    assert quota["spec"]["hard"] == {"requests.cpu": "4", "requests.memory": "4Gi", "pods": "20"}
    invalid = requests.post(f"{page}allowances/acme-payments/", data={**form, "pods": "many"}, timeout=10)
    assert invalid.status_code == 422
    assert "quantities must match the regular expression" in invalid.text
    page_of_namespace = requests.get(f"{page}namespaces/acme-payments/", timeout=10)
    assert page_of_namespace.status_code == 200
    assert requests.get(f"{page}namespaces/nowhere/", timeout=10).status_code == 404


def test_a_deletion_honours_its_preconditions(api: Api, namespace: str) -> None:
    path = f"{NAMESPACES}/{namespace}/configmaps"
    created = api.send("POST", path, _configmap("kept", a="1")).json()
    old = created["metadata"]["resourceVersion"]
    api.apply(f"{path}/kept", _configmap("kept", b="1"))
    refused = api.send("DELETE", f"{path}/kept", {"preconditions": {"resourceVersion": old}})
    assert (refused.status_code, refused.json()["reason"]) == (409, "Conflict")
    assert api.send("DELETE", f"{path}/kept", {"preconditions": {"uid": created["metadata"]["uid"]}}).ok
    assert api.send("GET", f"{path}/kept").status_code == 404


def test_deleting_an_owner_deletes_what_it_owns(api: Api, namespace: str) -> None:
    path = f"{NAMESPACES}/{namespace}/configmaps"
    owner = api.send("POST", path, _configmap("owner")).json()["metadata"]
    reference = {"apiVersion": "v1", "kind": "ConfigMap", "name": "owner", "uid": owner["uid"]}
    owned = _configmap("owned")
    owned["metadata"]["ownerReferences"] = [reference]
    api.send("POST", path, owned)
    api.send("DELETE", f"{path}/owner")
    assert api.send("GET", f"{path}/owned").status_code == 404


def test_a_host_without_a_rule_gets_the_default_backend(sandbox: Sandbox) -> None:
    answer = requests.get(f"{sandbox.url}/", headers={"Host": "web.nowhere.localhost"}, timeout=10)
    assert answer.status_code == 404
    assert answer.text.startswith("default backend - 404")


@dataclass
class Issuer:
    """Signs tokens like the simulated GitHub, with its own key."""

    sandbox: Sandbox

    def token(self, key: rsa.RSAPrivateKey | None = None, **claims: Any) -> str:
        requests.get(f"{self.sandbox.url}/github/_oidc/.well-known/jwks", timeout=10).raise_for_status()
        issuer_key = serialization.load_pem_private_key((self.sandbox.data / "oidc.pem").read_bytes(), None)
        assert isinstance(issuer_key, rsa.RSAPrivateKey)
        defaults: dict[str, Any] = {
            "iss": f"{self.sandbox.url}/github/_oidc",
            "aud": "onramp-cluster",
            "sub": "repo:acme/greeter:ref:refs/heads/main",
            "repository": "acme/greeter",
            "repository_id": "3",
            "repository_owner_id": "1000",
            "workflow_ref": "acme/greeter/.github/workflows/onramp.yml@refs/heads/main",
            "iat": int(time.time()),
            "exp": int(time.time()) + 60,
        }
        return jwt.encode({**defaults, **claims}, key or issuer_key, algorithm="RS256", headers={"kid": "sandbox-1"})


def test_a_ci_run_is_a_user_that_needs_a_binding(sandbox: Sandbox, api: Api, namespace: str) -> None:
    run = Api(api.url, Issuer(sandbox).token())
    review = {"apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview"}
    user = run.send("POST", "apis/authentication.k8s.io/v1/selfsubjectreviews", review).json()["status"]["userInfo"]
    assert user["username"] == "github:1000:3:.github/workflows/onramp.yml@refs/heads/main"
    path = f"{NAMESPACES}/{namespace}/configmaps/settings"
    assert run.apply(path, _configmap("settings")).status_code == 403
    group = "rbac.authorization.k8s.io"
    for kind, plural, fields in (
        ("Role", "roles", {"rules": [{"apiGroups": [""], "resources": ["configmaps"], "verbs": ["patch", "create"]}]}),
        (
            "RoleBinding",
            "rolebindings",
            {
                "roleRef": {"apiGroup": group, "kind": "Role", "name": "deployer"},
                "subjects": [{"apiGroup": group, "kind": "User", "name": user["username"]}],
            },
        ),
    ):
        body = {"apiVersion": f"{group}/v1", "kind": kind, "metadata": {"name": "deployer"}, **fields}
        assert api.apply(f"{RBAC}/namespaces/{namespace}/{plural}/deployer", body).ok
    assert run.apply(path, _configmap("settings")).status_code == 201
    assert run.send("GET", path).status_code == 403


@pytest.mark.parametrize(
    "claims",
    [{"aud": "another-audience"}, {"exp": 1}, {"iss": "https://token.actions.githubusercontent.com"}, {"sub": None}],
)
def test_a_token_with_wrong_claims_is_refused(sandbox: Sandbox, api: Api, claims: Body) -> None:
    assert Api(api.url, Issuer(sandbox).token(**claims)).send("GET", NAMESPACES).status_code == 401


def test_a_token_with_another_signature_is_refused(sandbox: Sandbox, api: Api) -> None:
    other = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    assert Api(api.url, Issuer(sandbox).token(other)).send("GET", NAMESPACES).status_code == 401


def test_a_pod_of_an_unknown_account_is_refused(api: Api, namespace: str) -> None:
    container = {"name": "web", "image": "web"}
    spec = {"serviceAccountName": "nobody", "containers": [container]}
    body = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web"}, "spec": spec}
    refused = api.send("POST", f"{NAMESPACES}/{namespace}/pods", body)
    reason = f'error looking up service account {namespace}/nobody: serviceaccount "nobody" not found'
    assert (refused.status_code, refused.json()["message"]) == (403, f'pods "web" is forbidden: {reason}')

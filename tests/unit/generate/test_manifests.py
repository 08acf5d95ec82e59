"""Manifests of every stack, and the offline check of manifests."""

import copy
import json
from typing import Any

import kubernetes_validate
import pytest
import yaml

import generate
from generate import File
from tests.unit.generate.proposals import STACKS, generated, monorepo


def manifests(files: dict[str, str], **placement: object) -> list[dict[str, Any]]:
    return generate.objects([File(path, text, "") for path, text in generated(files, **placement).items()])


def deployment(files: dict[str, str], **placement: object) -> dict[str, Any]:
    (document,) = [each for each in manifests(files, **placement) if each["kind"] == "Deployment"]
    return document


def test_the_manifests_of_every_stack_are_valid() -> None:
    documents = manifests(monorepo())
    assert generate.check(documents) == []
    assert len(documents) == 6 * len(STACKS)
    for manifest in documents:
        for version in ("1.30", "1.31", "1.32", "1.33"):
            kubernetes_validate.validate(json.loads(json.dumps(manifest)), version, strict=True)


def test_pods_are_restricted_and_announce_their_logs_and_metrics() -> None:
    source = "import os\nPORT = int(os.environ.get('PORT', '8080'))\nR = '/metrics'\nif __name__ == '__main__': ...\n"
    shop = {
        "api/requirements.txt": "flask\n",
        "api/app.py": source,
        "web/package.json": '{"scripts": {"start": "node s.js"}}',
    }
    pod = yaml.safe_load(generated(shop)["deploy/api/deployment.yaml"])["spec"]["template"]
    container = pod["spec"]["containers"][0]
    assert pod["spec"]["securityContext"] == {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}}
    assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}
    assert container["securityContext"]["allowPrivilegeEscalation"] is False
    assert pod["metadata"]["annotations"]["prometheus.io/port"] == "8080"
    assert pod["metadata"]["annotations"]["co.elastic.logs/enabled"] == "true"
    without_metrics = yaml.safe_load(generated(shop)["deploy/web/deployment.yaml"])["spec"]["template"]
    assert "prometheus.io/scrape" not in without_metrics["metadata"]["annotations"]


def test_each_file_contains_one_object_after_a_document_marker() -> None:
    for path, text in generated(STACKS["pip"]).items():
        if path.startswith("deploy/"):
            assert text.startswith("---\n")
            assert len(list(yaml.safe_load_all(text))) == 1


@pytest.mark.parametrize(("port", "sysctls"), [(80, "80"), (1023, "1023"), (1024, None)])
def test_a_low_port_needs_no_root(port: int, sysctls: str | None) -> None:
    security = deployment({"Dockerfile": f"FROM a\nEXPOSE {port}\n"})["spec"]["template"]["spec"]["securityContext"]
    assert security.get("sysctls", [{"value": None}])[0]["value"] == sysctls


def test_without_a_health_path_the_probes_only_open_the_port() -> None:
    (container,) = deployment(STACKS["dockerfile"])["spec"]["template"]["spec"]["containers"]
    assert container["readinessProbe"]["tcpSocket"] == {"port": "http"}
    with_path = {**STACKS["pip"], "app.py": "PATH = '/healthz'\nif __name__ == '__main__': ..."}
    (container,) = deployment(with_path)["spec"]["template"]["spec"]["containers"]
    for name in ("startupProbe", "readinessProbe", "livenessProbe"):
        assert container[name]["httpGet"] == {"path": "/healthz", "port": "http"}


def test_labels_are_valid_for_any_name_of_a_repository() -> None:
    for name in (".github", "a" * 100, "_x_", "Über.mut"):
        assert generate.check(manifests(STACKS["pip"], repository=name)) == []


def test_without_annotations_for_logs_the_pods_have_none() -> None:
    template = deployment(STACKS["pip"], log_annotations={})["spec"]["template"]
    assert template["metadata"]["annotations"] == {}


def put(value: object, *path: str | int) -> Any:
    """A change that puts the value at this path of a manifest."""

    def change(manifest: Any) -> None:
        for key in path[:-1]:
            manifest = manifest[key]
        manifest[path[-1]] = value

    return change


@pytest.mark.parametrize(
    ("kind", "change", "message"),
    [
        ("Deployment", put("Not_A_Label", "metadata", "name"), "not a DNS label"),
        ("Deployment", put({"a": "b c"}, "metadata", "labels"), "not a valid value of the label a"),
        ("Deployment", put({"x": "y"}, "spec", "selector", "matchLabels"), "selector does not match"),
        (
            "Deployment",
            put("1 Gb", "spec", "template", "spec", "containers", 0, "resources", "limits", "memory"),
            "1 Gb",
        ),
        (
            "Deployment",
            put(70000, "spec", "template", "spec", "containers", 0, "ports", 0, "containerPort"),
            "is not a port",
        ),
        ("Deployment", put("extensions/v1beta1", "apiVersion"), "not a kind that pipelines apply"),
        ("Deployment", put("ClusterRole", "kind"), "not a kind that pipelines apply"),
        ("Deployment", put(None, "spec"), "selector does not match"),
        ("Service", put({}, "spec", "selector"), "selector does not match"),
        ("PodDisruptionBudget", put({"x": "y"}, "spec", "selector", "matchLabels"), "selector does not match"),
        ("Ingress", put("a b", "spec", "rules", 0, "host"), "not a host name"),
        ("Service", put("other", "metadata", "name"), "not among the manifests"),
    ],
)
def test_a_fault_is_reported(kind: str, change: Any, message: str) -> None:
    documents = copy.deepcopy(manifests(STACKS["pip"]))
    change(next(each for each in documents if each["kind"] == kind))
    assert any(message in str(problem) for problem in generate.check(documents))


def test_the_demand_covers_all_pods_and_one_more() -> None:
    documents = manifests(STACKS["pip"], replicas=3, cpu="250m", memory="1Gi", memory_limit="2Gi")
    assert generate.demand(documents) == {
        "requests.cpu": "1",
        "requests.memory": "4096Mi",
        "limits.cpu": "2",
        "limits.memory": "8192Mi",
        "pods": "4",
    }


@pytest.mark.parametrize(
    ("address", "host", "path"),
    [
        ("https://{application}.{namespace}.apps.example/", "pip.storefront.apps.example", "/"),
        ("https://{application}.{namespace}.apps.example:8443", "pip.storefront.apps.example", "/"),
        ("https://apps.example/{namespace}/{application}/", "apps.example", "/storefront/pip/"),
    ],
)
def test_an_ingress_claims_exactly_its_address(address: str, host: str, path: str) -> None:
    documents = manifests(STACKS["pip"], address=address)
    (ingress,) = [each for each in documents if each["kind"] == "Ingress"]
    (rule,) = ingress["spec"]["rules"]
    name, namespace = ingress["metadata"]["name"], ingress["metadata"]["namespace"]
    expected = address.format(application=name, namespace=namespace)
    assert rule["host"] in expected
    assert rule["host"] == host.replace("pip", name).replace("storefront", namespace)
    assert rule["http"]["paths"][0]["path"] == path.replace("pip", name).replace("storefront", namespace)
    assert ("tls" in ingress["spec"]) is (host != "apps.example"), "no team gets the key of a host that all share"

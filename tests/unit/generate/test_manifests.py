"""Manifests of every stack, and what can be said of manifests without an API server."""

import copy
import json
from typing import Any

import kubernetes_validate
import pytest
import yaml

from onboarding import generate
from onboarding.generate import File
from tests.unit.generate.proposals import STACKS, made, together


def manifests(files: dict[str, str], **placement: object) -> list[dict[str, Any]]:
    return generate.objects([File(path, text, "") for path, text in made(files, **placement).items()])


def test_those_of_every_stack_are_accepted() -> None:
    found = manifests(together())
    assert generate.check(found) == []
    assert len(found) == 6 * len(STACKS)
    for one in found:
        for version in ("1.30", "1.31", "1.32", "1.33"):
            kubernetes_validate.validate(json.loads(json.dumps(one)), version, strict=True)


def test_the_pods_are_restricted_and_observed() -> None:
    served = "import os\nPORT = int(os.environ.get('PORT', '8080'))\nR = '/metrics'\nif __name__ == '__main__': ...\n"
    shop = {
        "api/requirements.txt": "flask\n",
        "api/app.py": served,
        "web/package.json": '{"scripts": {"start": "node s.js"}}',
    }
    deployment = yaml.safe_load(made(shop)["deploy/api/deployment.yaml"])
    pod = deployment["spec"]["template"]
    container = pod["spec"]["containers"][0]
    assert pod["spec"]["securityContext"] == {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}}
    assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}
    assert container["securityContext"]["allowPrivilegeEscalation"] is False
    assert pod["metadata"]["annotations"]["prometheus.io/port"] == "8080"
    assert pod["metadata"]["annotations"]["co.elastic.logs/enabled"] == "true"
    plain = yaml.safe_load(made(shop)["deploy/web/deployment.yaml"])["spec"]["template"]["metadata"]["annotations"]
    assert "prometheus.io/scrape" not in plain


def test_one_object_a_file_each_with_a_line_before_it() -> None:
    for path, text in made(STACKS["pip"]).items():
        if path.startswith("deploy/"):
            assert text.startswith("---\n")
            assert len(list(yaml.safe_load_all(text))) == 1


@pytest.mark.parametrize(("port", "sysctls"), [(80, "80"), (1023, "1023"), (1024, None)])
def test_a_low_port_needs_no_root(port: int, sysctls: str | None) -> None:
    (deployment,) = [
        one for one in manifests({"Dockerfile": f"FROM a\nEXPOSE {port}\n"}) if one["kind"] == "Deployment"
    ]
    security = deployment["spec"]["template"]["spec"]["securityContext"]
    assert security.get("sysctls", [{"value": None}])[0]["value"] == sysctls


def test_a_service_without_a_health_path_is_asked_for_its_port_alone() -> None:
    (unknown,) = [one for one in manifests(STACKS["dockerfile"]) if one["kind"] == "Deployment"]
    container = unknown["spec"]["template"]["spec"]["containers"][0]
    assert container["readinessProbe"]["tcpSocket"] == {"port": "http"}
    known = {**STACKS["pip"], "app.py": "PATH = '/healthz'\nif __name__ == '__main__': ..."}
    (deployment,) = [one for one in manifests(known) if one["kind"] == "Deployment"]
    probes = deployment["spec"]["template"]["spec"]["containers"][0]
    for name in ("startupProbe", "readinessProbe", "livenessProbe"):
        assert probes[name]["httpGet"] == {"path": "/healthz", "port": "http"}


def test_labels_stay_labels_whatever_the_repository_is_called() -> None:
    for name in (".github", "a" * 100, "_x_", "Über.mut"):
        assert generate.check(manifests(STACKS["pip"], repository=name)) == []


def test_logs_are_collected_where_the_team_wants_them() -> None:
    (deployment,) = [one for one in manifests(STACKS["pip"], collect_logs=False) if one["kind"] == "Deployment"]
    assert deployment["spec"]["template"]["metadata"]["annotations"] == {}


def put(value: object, *place: str | int) -> Any:
    """A change of one place of a manifest."""

    def change(manifest: Any) -> None:
        for step in place[:-1]:
            manifest = manifest[step]
        manifest[place[-1]] = value

    return change


@pytest.mark.parametrize(
    ("kind", "change", "says"),
    [
        ("Deployment", put("Not_A_Label", "metadata", "name"), "no DNS label"),
        ("Deployment", put({"a": "b c"}, "metadata", "labels"), "no value of the label a"),
        ("Deployment", put({"x": "y"}, "spec", "selector", "matchLabels"), "selector does not match"),
        (
            "Deployment",
            put("1 Gb", "spec", "template", "spec", "containers", 0, "resources", "limits", "memory"),
            "1 Gb",
        ),
        ("Deployment", put(70000, "spec", "template", "spec", "containers", 0, "ports", 0, "containerPort"), "no port"),
        ("Deployment", put("extensions/v1beta1", "apiVersion"), "no kind that pipelines apply"),
        ("Deployment", put("ClusterRole", "kind"), "no kind that pipelines apply"),
        ("Deployment", put(None, "spec"), "selector does not match"),
        ("Service", put({}, "spec", "selector"), "selector does not match"),
        ("PodDisruptionBudget", put({"x": "y"}, "spec", "selector", "matchLabels"), "selector does not match"),
        ("Ingress", put("a b", "spec", "rules", 0, "host"), "no host name"),
        ("Service", put("other", "metadata", "name"), "not among the manifests"),
    ],
)
def test_a_fault_is_found(kind: str, change: Any, says: str) -> None:
    found = copy.deepcopy(manifests(STACKS["pip"]))
    change(next(one for one in found if one["kind"] == kind))
    assert any(says in str(problem) for problem in generate.check(found))


def test_the_demand_is_that_of_all_pods_and_one_more() -> None:
    found = manifests(STACKS["pip"], replicas=3, cpu="250m", memory="1Gi")
    assert generate.demand(found) == {"requests.cpu": "1", "requests.memory": "4096Mi", "pods": "4"}

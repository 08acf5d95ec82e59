"""What is generated: valid, safe, the same every time, and never in the place of something that exists."""

import json
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import kubernetes_validate
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from onboarding import generate, stacks
from onboarding.generate import File, Placement, quantity
from onboarding.generate.room import room
from onboarding.stacks import Component

PLACEMENT = Placement(
    owner="acme",
    repository="Shop",
    default_branch="main",
    team="storefront",
    namespace="storefront",
    registry_host="registry.example",
    cluster_url="https://cluster.example",
    cluster_ca="-----BEGIN CERTIFICATE-----\nabc\n-----END CERTIFICATE-----\n",
    oidc_audience="onramp-cluster",
    address="https://{application}.{namespace}.apps.example/",
)
SHOP = {
    "api/requirements.txt": "flask\n",
    "api/app.py": "import os\nPORT = int(os.environ.get('PORT', '8080'))\nR = '/metrics'\nif __name__ == '__main__': ...\n",
    "api/test_api.py": "",
    "web/package.json": json.dumps({"scripts": {"start": "node s.js", "test": "node --test"}}),
    "web/package-lock.json": "{}",
    "own/Dockerfile": 'FROM scratch\nEXPOSE 9000\nCMD ["/srv"]\n',
}


def components(files: dict[str, str]) -> tuple[Component, ...]:
    return stacks.read(sorted(files), files, "shop").components


def made(files: dict[str, str] | None = None) -> dict[str, str]:
    return {one.path: one.text for one in generate.files(components(SHOP if files is None else files), PLACEMENT)}


@pytest.fixture(scope="module")
def workflow(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("repository") / ".github" / "workflows" / "onramp.yml"
    path.parent.mkdir(parents=True)
    path.write_text(made()[".github/workflows/onramp.yml"])
    return path


def program(*command: str) -> subprocess.CompletedProcess[str]:
    name, *arguments = command
    return subprocess.run(
        [str(Path(sys.executable).parent / name), *arguments], capture_output=True, text=True, check=False
    )


def test_the_workflow_is_one_by_its_schema(workflow: Path) -> None:
    done = program("check-jsonschema", "--builtin-schema", "vendor.github-workflows", str(workflow))
    assert done.returncode == 0, done.stdout


def test_the_security_lint_finds_nothing(workflow: Path) -> None:
    done = program("zizmor", "--offline", "--persona", "auditor", "--no-progress", str(workflow))
    assert done.returncode == 0, done.stdout


def test_every_job_has_least_rights_a_timeout_and_pinned_actions() -> None:
    text = made()[".github/workflows/onramp.yml"]
    document = yaml.safe_load(text)
    assert document["permissions"] == {}
    for job in document["jobs"].values():
        assert job["timeout-minutes"] <= 20
        assert job["permissions"]["contents"] == "read"
        for step in job["steps"]:
            assert len(step["uses"].partition("@")[2]) == 40 if "uses" in step else "${{" not in step["run"]
    assert "secrets." not in text.replace("secrets.GITHUB_TOKEN", "")


def test_tests_before_images_before_deployment() -> None:
    jobs = yaml.safe_load(made()[".github/workflows/onramp.yml"])["jobs"]
    assert jobs["deploy-api"]["needs"] == "image-api"
    assert jobs["image-api"]["needs"] == "test-api"
    assert jobs["test-api"]["needs"] == "changes"


def test_the_manifests_are_accepted_for_four_versions() -> None:
    manifests = generate.objects([File(path, text, "") for path, text in made().items()])
    assert {one["kind"] for one in manifests} == {
        "Deployment",
        "Service",
        "Ingress",
        "PodDisruptionBudget",
        "ServiceAccount",
    }
    assert generate.check(manifests) == []
    for version in ("1.30", "1.31", "1.32", "1.33"):
        for one in manifests:
            kubernetes_validate.validate(json.loads(json.dumps(one)), version, strict=True)


def test_the_pods_are_restricted_and_observed() -> None:
    deployment = yaml.safe_load(made()["deploy/api/deployment.yaml"])
    pod = deployment["spec"]["template"]
    container = pod["spec"]["containers"][0]
    assert pod["spec"]["securityContext"] == {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}}
    assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}
    assert container["securityContext"]["allowPrivilegeEscalation"] is False
    assert pod["metadata"]["annotations"]["prometheus.io/port"] == "8080"
    assert pod["metadata"]["annotations"]["co.elastic.logs/enabled"] == "true"
    plain = yaml.safe_load(made()["deploy/web/deployment.yaml"])["spec"]["template"]["metadata"]["annotations"]
    assert "prometheus.io/scrape" not in plain


def test_a_container_file_is_written_only_where_there_is_none() -> None:
    files = made()
    assert "api/Dockerfile" in files
    assert "own/Dockerfile" not in files
    assert "USER 10001:10001" in files["api/Dockerfile"]
    assert files["api/Dockerfile"].rstrip().endswith('CMD ["python", "app.py"]')


def test_the_same_input_gives_the_same_bytes() -> None:
    assert made() == made(dict(reversed(SHOP.items())))


def test_nothing_that_exists_is_replaced() -> None:
    files = generate.files(components(SHOP), PLACEMENT)
    theirs = {"deploy/api/service.yaml": "mine\n", "deploy/web/service.yaml": made()["deploy/web/service.yaml"]}
    compared = generate.compare(files, theirs)
    assert [one.path for one in compared.conflicts] == ["deploy/api/service.yaml"]
    assert [one.path for one in compared.same] == ["deploy/web/service.yaml"]
    assert not {one.path for one in compared.new} & set(theirs)


def test_the_diff_is_gits() -> None:
    text = generate.diff(File("a.txt", "one\ntwo\n", ""), None)
    assert text.splitlines()[:2] == ["--- /dev/null", "+++ b/a.txt"]
    assert text.endswith("+one\n+two\n")


def test_what_it_asks_of_the_quota_counts_one_pod_more() -> None:
    manifests = generate.objects(
        [File(path, text, "") for path, text in made({"Dockerfile": "FROM scratch\nCMD x\n"}).items()]
    )
    assert generate.demand(manifests) == {"requests.cpu": "150m", "requests.memory": "192Mi", "pods": "3"}


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("100m", "0.1"),
        ("1", "1"),
        ("0.5", "0.5"),
        ("128Mi", "134217728"),
        ("1Gi", "1073741824"),
        ("1k", "1000"),
        ("2e3", "2000"),
    ],
)
def test_quantities(text: str, amount: str) -> None:
    assert quantity.parse(text) == Decimal(amount)


@given(st.integers(0, 10**6))
def test_an_amount_survives_being_shown(thousandths: int) -> None:
    amount = Decimal(thousandths) / 1000
    assert quantity.parse(quantity.show("requests.cpu", amount)) == amount


@pytest.mark.parametrize("text", ["", "abc", "1 Gi", "1gb", "--1", "1e"])
def test_what_is_no_quantity_is_refused(text: str) -> None:
    with pytest.raises(quantity.NotAQuantity):
        quantity.parse(text)


def test_the_room_keeps_its_tenant_from_the_guard_rails() -> None:
    objects = room(
        team="storefront",
        namespace="storefront",
        quota={"requests.cpu": "1", "requests.memory": "1Gi", "pods": "9"},
        deployers=["github:repo:acme/shop:ref:refs/heads/main"],
        sso_group="acme:storefront",
        registry=("registry.example", "bot", "hunter2"),
    )
    assert objects[0]["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] == "restricted"
    tenant = next(one for one in objects if one["kind"] == "Role" and one["metadata"]["name"] == "onramp-tenant")
    for rule in tenant["rules"]:
        if {"networkpolicies", "resourcequotas", "limitranges", "roles"} & set(rule["resources"]):
            assert set(rule["verbs"]) == {"get", "list", "watch"}
    for one in objects:
        kubernetes_validate.validate(json.loads(json.dumps(one)), "1.33", strict=True)

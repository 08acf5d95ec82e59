"""Existing pipelines and deployments are read, listed in the plan, and left unchanged."""

import json

import pytest

from tests.unit.stacks.repository import only, read

PYTHON = {"requirements.txt": "flask\n", "app.py": "if __name__ == '__main__': ...\n"}


@pytest.mark.parametrize(
    ("path", "description"),
    [
        (".travis.yml", "a Travis CI pipeline"),
        (".github/workflows/test.yml", "a GitHub Actions workflow"),
        ("fiaas.yml", "a FIAAS deployment"),
        ("score.yaml", "a Score workload"),
        ("chart/Chart.yaml", "a Helm chart"),
        ("deploy/base/kustomization.yaml", "a Kustomize deployment"),
        ("render.yaml", "a Render blueprint"),
        ("fly.toml", "a Fly.io deployment"),
        ("MODULE.bazel", "a Bazel build"),
        ("pants.toml", "a Pants build"),
    ],
)
def test_existing_files_are_listed_in_a_warning(path: str, description: str) -> None:
    reading = read({**PYTHON, path: ""})
    assert any(f"{path} ({description})" in warning for warning in reading.warnings)
    assert len(reading.components) == 1


def test_our_own_workflow_is_not_listed() -> None:
    warnings = read({**PYTHON, ".github/workflows/onramp.yml": ""}).warnings
    assert not any("GitHub Actions" in warning for warning in warnings)


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("railway.json", json.dumps({"deploy": {"startCommand": "gunicorn app:app"}})),
        ("railway.toml", '[deploy]\nstartCommand = "gunicorn app:app"\n'),
        ("railpack.json", json.dumps({"deploy": {"startCommand": "gunicorn app:app"}})),
        ("nixpacks.toml", '[start]\ncmd = "gunicorn app:app"\n'),
        ("render.yaml", "services:\n  - {type: web, name: x, startCommand: 'gunicorn app:app'}\n"),
        ("fly.toml", '[processes]\napp = "gunicorn app:app"\n'),
    ],
)
def test_the_start_command_of_another_platform_counts_like_a_procfile(path: str, text: str) -> None:
    component = only({**PYTHON, path: text})
    assert (component.start, component.confidence) == (("gunicorn", "app:app"), "certain")
    assert any(evidence.path == path for evidence in component.evidence)
    assert only({**PYTHON, path: text, "Procfile": "web: python app.py\n"}).start == ("python", "app.py")
    assert only({**PYTHON, path: text.replace("gunicorn", "elixir")}).start == ("python", "app.py")


def test_a_component_needs_the_servers_of_its_compose_file() -> None:
    compose = "services:\n  db: {image: 'postgres:17'}\n  queue: {image: 'bitnami/kafka:3'}\n  web: {build: .}\n"
    component = only({**PYTHON, "requirements.txt": "psycopg\nredis\n", "docker-compose.yml": compose})
    assert component.needs == ("postgresql", "redis", "kafka")
    assert any("service queue" in evidence.message for evidence in component.evidence)


def test_app_json_declares_required_variables() -> None:
    declared = {
        "STRIPE_KEY": {"required": True},
        "MODE": "fast",
        "SALT": {"generator": "secret"},
        "NOTE": {"required": False},
    }
    component = only({**PYTHON, "app.json": json.dumps({"env": declared})})
    assert [(setting.name, setting.required) for setting in component.settings] == [("STRIPE_KEY", True)]


def test_port_and_health_path_come_from_an_existing_deployment() -> None:
    fiaas = "version: 3\nports: [{protocol: http, name: http, port: 80, target_port: 9123}]\nhealthchecks: {liveness: {http: {path: /alive}}}\n"
    component = only({**PYTHON, "fiaas.yml": fiaas})
    assert (component.port, component.health_path) == (9123, "/alive")
    assert only({**PYTHON, "score.yaml": "service: {ports: {web: {port: 80, targetPort: 7000}}}\n"}).port == 7000
    malformed = only(
        {**PYTHON, "fiaas.yml": "ports: [{target_port: ninety}, 3]\nhealthchecks: {liveness: {http: {path: 'x y'}}}\n"}
    )
    assert (malformed.port, malformed.health_path) == (5000, "/")

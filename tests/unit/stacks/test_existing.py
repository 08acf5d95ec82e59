"""What is there already of pipelines and deployments is read, said and respected."""

import json

import pytest

from tests.unit.stacks.repository import only, read

PYTHON = {"requirements.txt": "flask\n", "app.py": "if __name__ == '__main__': ...\n"}


@pytest.mark.parametrize(
    ("path", "says"),
    [
        (".travis.yml", "a pipeline of Travis CI"),
        (".github/workflows/test.yml", "a workflow of GitHub Actions"),
        ("fiaas.yml", "a deployment by FIAAS"),
        ("score.yaml", "a workload in Score"),
        ("chart/Chart.yaml", "a chart of Helm"),
        ("deploy/base/kustomization.yaml", "a deployment by Kustomize"),
        ("render.yaml", "a blueprint of Render"),
        ("fly.toml", "a deployment to Fly.io"),
        ("MODULE.bazel", "a build by Bazel"),
        ("pants.toml", "a build by Pants"),
    ],
)
def test_it_is_said_to_be_left(path: str, says: str) -> None:
    found = read({**PYTHON, path: ""})
    assert any(path in one and says in one for one in found.warnings)
    assert len(found.components) == 1


def test_our_own_workflow_is_not_theirs() -> None:
    assert not any("GitHub Actions" in one for one in read({**PYTHON, ".github/workflows/onramp.yml": ""}).warnings)


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
def test_another_platforms_start_is_believed_like_a_procfile(path: str, text: str) -> None:
    found = only({**PYTHON, path: text})
    assert (found.start, found.confidence) == (("gunicorn", "app:app"), "certain")
    assert any(one.path == path for one in found.evidence)
    assert only({**PYTHON, path: text, "Procfile": "web: python app.py\n"}).start == ("python", "app.py")
    assert only({**PYTHON, path: text.replace("gunicorn", "elixir")}).start == ("python", "app.py")


def test_servers_of_its_compose_file_are_what_it_is_a_client_of() -> None:
    compose = "services:\n  db: {image: 'postgres:17'}\n  queue: {image: 'bitnami/kafka:3'}\n  web: {build: .}\n"
    found = only({**PYTHON, "requirements.txt": "psycopg\nredis\n", "docker-compose.yml": compose})
    assert found.needs == ("postgresql", "redis", "kafka")
    assert any("service queue" in one.says for one in found.evidence)


def test_variables_that_app_json_needs() -> None:
    declared = {
        "STRIPE_KEY": {"required": True},
        "MODE": "fast",
        "SALT": {"generator": "secret"},
        "NOTE": {"required": False},
    }
    found = only({**PYTHON, "app.json": json.dumps({"env": declared})})
    assert [(one.name, one.required) for one in found.settings] == [("STRIPE_KEY", True)]


def test_where_it_runs_already_is_believed() -> None:
    fiaas = "version: 3\nports: [{protocol: http, name: http, port: 80, target_port: 9123}]\nhealthchecks: {liveness: {http: {path: /alive}}}\n"
    found = only({**PYTHON, "fiaas.yml": fiaas})
    assert (found.port, found.health_path) == (9123, "/alive")
    assert only({**PYTHON, "score.yaml": "service: {ports: {web: {port: 80, targetPort: 7000}}}\n"}).port == 7000
    strange = only(
        {**PYTHON, "fiaas.yml": "ports: [{target_port: ninety}, 3]\nhealthchecks: {liveness: {http: {path: 'x y'}}}\n"}
    )
    assert (strange.port, strange.health_path) == (5000, "/")

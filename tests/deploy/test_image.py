"""The Containerfile: the rules of container linters that matter here, and the exact list of what it copies."""

import re
import subprocess
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest

from portal import settings
from tests.deploy.kustomization import BASE, DEPLOY, ROOT, pods

TEXT = (DEPLOY / "Containerfile").read_text().replace("\\\n", " ")
INSTRUCTIONS = [line.split(maxsplit=1) for line in TEXT.splitlines() if re.match(r"[A-Z]+ ", line)]


def _all(name: str) -> list[str]:
    return [arguments for instruction, arguments in INSTRUCTIONS if instruction == name]


def _copied() -> set[str]:
    return {words.split()[0].rstrip("/") for words in _all("COPY") if not words.startswith("--from")}


def test_the_base_image_has_a_version() -> None:
    assert _all("ARG")[0].startswith("PYTHON=python:3.11.")
    assert [words.split()[0] for words in _all("FROM")] == ["${PYTHON}", "${PYTHON}"]
    assert "latest" not in TEXT


def test_it_runs_as_the_user_that_the_manifests_name() -> None:
    assert INSTRUCTIONS[-3:-1] == [["USER", "10001:10001"], ["EXPOSE", "8800"]]
    for _, spec in pods(BASE):
        context = spec["securityContext"]
        assert f"{context['runAsUser']}:{context['runAsGroup']}" == _all("USER")[-1]


def test_packages_come_from_the_lock_file_with_their_hashes() -> None:
    (install,) = [words for words in _all("RUN") if '"install"' in words]
    assert "requirements/runtime.txt" in _copied()
    for option in ("--require-hashes", "--only-binary=:all:", "--no-cache-dir"):
        assert option in install


def test_it_contains_what_runs_and_nothing_else() -> None:
    apps = {app for app in settings.INSTALLED_APPS if (ROOT / app).is_dir()}
    needed = (
        apps
        | {"api", "database", "generate", "patterns", "readers", "stacks", "tenancy"}
        | {"manage.py", "static", "templates", "requirements/runtime.txt", "deploy/healthy.py"}
    )
    assert _copied() == needed
    ignored = (ROOT / ".containerignore").read_text().splitlines()
    assert {line[1:] for line in ignored if line.startswith("!")} == needed


class _Site(BaseHTTPRequestHandler):
    """Answers only to its own name and to https, as the site does."""

    healthy = True

    def do_GET(self) -> None:
        accepted = self.headers["Host"] == "onramp.example" and self.headers["X-Forwarded-Proto"] == "https"
        self.send_response(400 if not accepted else 200 if self.healthy and self.path == "/healthz" else 503)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """No log."""


@pytest.mark.parametrize(("healthy", "status"), [(True, 0), (False, 1)])
def test_the_health_check_of_compose_sends_the_headers_of_the_proxy(healthy: bool, status: int) -> None:
    handler = type("Site", (_Site,), {"healthy": healthy})
    with HTTPServer(("127.0.0.1", 0), handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        variables = {"PORTAL_URL": "https://onramp.example", "PORT": str(server.server_port)}
        check = subprocess.run([sys.executable, str(DEPLOY / "healthy.py")], env=variables, check=False)
        server.shutdown()
    assert check.returncode == status

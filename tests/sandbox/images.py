"""Images for the tests of the sandbox's cluster, stored in its registry as if a pipeline had pushed them.

This module runs as a program with the sandbox's settings, because the tests run with the product's.
"""

import json
import os
import subprocess
import sys
from dataclasses import asdict, dataclass, field
from pathlib import Path

from tests.sandbox.process import ROOT, Sandbox

SERVICE = """
import http.server, os, sys
print("starting", flush=True)
if os.environ.get("CRASH"):
    print("boom", flush=True)
    sys.exit(3)
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        bodies = {"/": os.environ.get("GREETING", "hello"), "/healthz": "ok", "/environment": repr(dict(os.environ)),
                  "/metrics": 'greetings_total{language="en"} 5'}
        body = bodies.get(self.path, "").encode()
        self.send_response(200 if body else 404)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *arguments):
        print("answered", self.path, flush=True)
address = os.environ.get("BIND", "0.0.0.0")
http.server.ThreadingHTTPServer((address, int(os.environ["PORT"])), Handler).serve_forever()
"""


@dataclass(frozen=True)
class ImageSpec:
    """The content of an image, and its name and tag."""

    name: str = "acme/greeter"
    tag: str = "one"
    command: list[str] = field(default_factory=lambda: ["python", "/app/service.py"])
    environment: dict[str, str] = field(default_factory=lambda: {"PORT": "8080"})
    stack: str = "python"
    user: str = "10001"
    files: dict[str, str] = field(default_factory=lambda: {"app/service.py": SERVICE})

    @property
    def digest(self) -> str:
        return "sha256:" + (self.tag.encode().hex() * 64)[:64]


def push(sandbox: Sandbox, image: ImageSpec) -> str:
    """Store the image in the registry. Returns its reference for a pod's spec."""
    settings = {"DJANGO_SETTINGS_MODULE": "sandbox.settings", "SANDBOX_DATA": str(sandbox.data)}
    spec = json.dumps({**asdict(image), "digest": image.digest})
    command = [sys.executable, "-m", "tests.sandbox.images"]
    subprocess.run(command, cwd=ROOT, env={**os.environ, **settings}, input=spec.encode(), check=True, timeout=60)
    return f"127.0.0.1:{sandbox.port}/registry/{image.name}:{image.tag}"


def main() -> None:
    import django  # noqa: PLC0415 - only this program runs with the sandbox's settings

    django.setup()
    from sandbox.registry.models import Image, Tag  # noqa: PLC0415 - needs the apps loaded

    spec = json.load(sys.stdin)
    columns = {key: spec[key] for key in ("command", "environment", "stack", "user")}
    defaults = {**columns, "workdir": "/app"}
    image, _ = Image._default_manager.get_or_create(name=spec["name"], digest=spec["digest"], defaults=defaults)
    for path, text in spec["files"].items():
        file = Path(image.root, path)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    Tag._default_manager.update_or_create(name=spec["name"], tag=spec["tag"], defaults={"image": image})


if __name__ == "__main__":
    main()

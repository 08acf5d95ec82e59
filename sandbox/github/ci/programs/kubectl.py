"""A stand-in for kubectl that speaks real HTTP: `apply --server-side -f -` and `rollout status`.

It finds the URL of a kind through the server's discovery documents, as kubectl does.
"""

# ruff: noqa: T201 - a command prints its output

import argparse
import json
import sys
import time
import urllib.error
import urllib.request
from typing import Any
from urllib.parse import quote, urlencode

import yaml

JSON = dict[str, Any]
POLL_SECONDS = 0.5


class Failed(Exception):
    """Printed to stderr; the exit code is 1."""


class Server:
    def __init__(self, url: str, token: str) -> None:
        self._url = url.rstrip("/")
        self._token = token

    def request_json(self, method: str, path: str, body: bytes | None = None, kind: str = "application/json") -> JSON:
        """The server's response. Raises Failed with the server's message."""
        request = urllib.request.Request(f"{self._url}{path}", data=body, method=method)  # noqa: S310
        request.add_header("Accept", "application/json")
        request.add_header("User-Agent", "kubectl/v1.34 (sandbox stand-in)")
        if self._token:
            request.add_header("Authorization", f"Bearer {self._token}")
        if body is not None:
            request.add_header("Content-Type", kind)
        try:
            with urllib.request.urlopen(request, timeout=30) as response:  # noqa: S310
                document: JSON = json.load(response)
                return document
        except urllib.error.HTTPError as error:
            raise Failed(_error_message(error)) from error
        except OSError as error:
            raise Failed(f"Unable to connect to the server: {error}") from error

    def resource_of(self, body: JSON) -> tuple[str, JSON]:
        """The group and version, and the resource, of a manifest. Raises Failed for an unknown kind."""
        group_version, kind = str(body.get("apiVersion", "")), body.get("kind")
        for resource in self.request_json("GET", root(group_version)).get("resources", []):
            if resource["kind"] == kind and "/" not in resource["name"]:
                return group_version, resource
        raise Failed(f'resource mapping not found: no matches for kind "{kind}" in version "{group_version}"')


def _error_message(error: urllib.error.HTTPError) -> str:
    text = error.read().decode(errors="replace")
    try:
        status = json.loads(text)
    except ValueError:
        return f"Error from server: {error.code} {text[:300]}"
    return f"Error from server ({status.get('reason', error.code)}): {status.get('message', text[:300])}"


def root(group_version: str) -> str:
    return f"/apis/{group_version}" if "/" in group_version else f"/api/{group_version}"


def resource_path(group_version: str, resource: JSON, namespace: str, name: str = "") -> str:
    scope = f"/namespaces/{quote(namespace)}" if resource["namespaced"] else ""
    return f"{root(group_version)}{scope}/{resource['name']}{f'/{quote(name)}' if name else ''}"


def manifests() -> list[JSON]:
    """The objects on standard input. Raises Failed."""
    try:
        return [document for document in yaml.safe_load_all(sys.stdin) if document]
    except yaml.YAMLError as error:
        raise Failed(f"error: error parsing STDIN: {error}") from error


def apply(server: Server, options: argparse.Namespace) -> None:
    if not options.server_side or options.filename != "-":
        raise Failed("error: the stand-in for kubectl supports `apply` only with `--server-side -f -`")
    bodies = manifests()
    if not bodies:
        raise Failed("error: no objects passed to apply")
    query = {
        "fieldManager": options.field_manager,
        "force": str(options.force_conflicts).lower(),
        "fieldValidation": "Strict",
    }
    for body in bodies:
        group_version, resource = server.resource_of(body)
        metadata = body.get("metadata") or {}
        namespace = metadata.get("namespace", options.namespace)
        path = resource_path(group_version, resource, namespace, str(metadata.get("name", "")))
        server.request_json(
            "PATCH", f"{path}?{urlencode(query)}", json.dumps(body).encode(), "application/apply-patch+yaml"
        )
        group = f".{group_version.partition('/')[0]}" if "/" in group_version else ""
        print(f"{resource['kind'].lower()}{group}/{metadata.get('name')} serverside-applied")


def rollout(server: Server, options: argparse.Namespace) -> None:
    """Wait as `kubectl rollout status` does: for the generation, the updated and the available replicas."""
    if options.words[:1] != ["status"] or len(options.words) < 2:
        raise Failed("error: the stand-in for kubectl supports only `rollout status`")
    kind, _, name = options.words[1].partition("/")
    if not kind.startswith("deploy") or not name:
        raise Failed("error: the stand-in for kubectl waits only for deployment/NAME")
    group_version, resource = server.resource_of({"apiVersion": "apps/v1", "kind": "Deployment"})
    seconds = float(options.timeout.removesuffix("s"))
    deadline = time.monotonic() + seconds if seconds else None
    printed = ""
    while True:
        deployment = server.request_json("GET", resource_path(group_version, resource, options.namespace, name))
        message, done = progress(deployment, name)
        if message != printed:
            print(message, flush=True)
            printed = message
        if done:
            return
        if deadline and time.monotonic() > deadline:
            raise Failed("error: timed out waiting for the condition")
        time.sleep(POLL_SECONDS)


def progress(deployment: JSON, name: str) -> tuple[str, bool]:
    """kubectl's message about a rollout, and whether it is complete. Raises Failed past the progress deadline."""
    desired, status = deployment["spec"].get("replicas", 1), deployment.get("status", {})
    if deployment["metadata"].get("generation", 0) > status.get("observedGeneration", 0):
        return "Waiting for deployment spec update to be observed...", False
    for condition in status.get("conditions", []):
        if condition["type"] == "Progressing" and condition.get("reason") == "ProgressDeadlineExceeded":
            raise Failed(f'error: deployment "{name}" exceeded its progress deadline')
    waiting = f'Waiting for deployment "{name}" rollout to finish:'
    updated, total = status.get("updatedReplicas", 0), status.get("replicas", 0)
    available = status.get("availableReplicas", 0)
    if updated < desired:
        return f"{waiting} {updated} out of {desired} new replicas have been updated...", False
    if total > updated:
        return f"{waiting} {total - updated} old replicas are pending termination...", False
    if available < updated:
        return f"{waiting} {available} of {updated} updated replicas are available...", False
    return f'deployment "{name}" successfully rolled out', True


def parse_options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="kubectl (stand-in)")
    parser.add_argument("verb", choices=("apply", "rollout"))
    parser.add_argument("words", nargs="*")
    parser.add_argument("-s", "--server", required=True)
    parser.add_argument("--token", default="")
    parser.add_argument("-n", "--namespace", default="default")
    parser.add_argument("-f", "--filename")
    parser.add_argument("--server-side", action="store_true")
    parser.add_argument("--force-conflicts", action="store_true")
    parser.add_argument("--field-manager", default="kubectl")
    parser.add_argument("--timeout", default="0s")
    parser.add_argument("--certificate-authority", default="")
    return parser.parse_intermixed_args(arguments)


def main(arguments: list[str]) -> int:
    options = parse_options(arguments)
    try:
        {"apply": apply, "rollout": rollout}[options.verb](Server(options.server, options.token), options)
    except Failed as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

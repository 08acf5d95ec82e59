"""A stand-in for kubectl that speaks real HTTP: `apply --server-side -f -` and `rollout status`.

It finds the address of a kind in the server's own discovery, as kubectl does.
"""

# ruff: noqa: T201 - a command speaks by printing

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
PAUSE = 0.5


class Failed(Exception):
    """Told on stderr; the exit code is 1."""


class Server:
    def __init__(self, address: str, token: str) -> None:
        self._address = address.rstrip("/")
        self._token = token

    def ask(self, method: str, path: str, body: bytes | None = None, kind: str = "application/json") -> JSON:
        """The server's answer. Raises Failed with its message."""
        request = urllib.request.Request(f"{self._address}{path}", data=body, method=method)  # noqa: S310
        request.add_header("Accept", "application/json")
        request.add_header("User-Agent", "kubectl/v1.34 (sandbox stand-in)")
        if self._token:
            request.add_header("Authorization", f"Bearer {self._token}")
        if body is not None:
            request.add_header("Content-Type", kind)
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
                found: JSON = json.load(answer)
                return found
        except urllib.error.HTTPError as error:
            raise Failed(_refusal(error)) from error
        except OSError as error:
            raise Failed(f"Unable to connect to the server: {error}") from error

    def of_object(self, body: JSON) -> tuple[str, JSON]:
        """The group and version, and the resource, of a manifest. Raises Failed for a kind nobody knows."""
        group_version, kind = str(body.get("apiVersion", "")), body.get("kind")
        for one in self.ask("GET", root(group_version)).get("resources", []):
            if one["kind"] == kind and "/" not in one["name"]:
                return group_version, one
        raise Failed(f'resource mapping not found: no matches for kind "{kind}" in version "{group_version}"')


def _refusal(error: urllib.error.HTTPError) -> str:
    text = error.read().decode(errors="replace")
    try:
        status = json.loads(text)
    except ValueError:
        return f"Error from server: {error.code} {text[:300]}"
    return f"Error from server ({status.get('reason', error.code)}): {status.get('message', text[:300])}"


def root(group_version: str) -> str:
    return f"/apis/{group_version}" if "/" in group_version else f"/api/{group_version}"


def address(group_version: str, resource: JSON, namespace: str, name: str = "") -> str:
    inside = f"/namespaces/{quote(namespace)}" if resource["namespaced"] else ""
    return f"{root(group_version)}{inside}/{resource['name']}{f'/{quote(name)}' if name else ''}"


def manifests() -> list[JSON]:
    """The objects of standard input. Raises Failed."""
    try:
        return [one for one in yaml.safe_load_all(sys.stdin) if one]
    except yaml.YAMLError as error:
        raise Failed(f"error: error parsing STDIN: {error}") from error


def apply(server: Server, asked: argparse.Namespace) -> None:
    if not asked.server_side or asked.filename != "-":
        raise Failed("error: the stand-in for kubectl applies with `--server-side -f -` only")
    found = manifests()
    if not found:
        raise Failed("error: no objects passed to apply")
    query = {
        "fieldManager": asked.field_manager,
        "force": str(asked.force_conflicts).lower(),
        "fieldValidation": "Strict",
    }
    for body in found:
        group_version, resource = server.of_object(body)
        metadata = body.get("metadata") or {}
        inside = metadata.get("namespace", asked.namespace)
        where = address(group_version, resource, inside, str(metadata.get("name", "")))
        server.ask("PATCH", f"{where}?{urlencode(query)}", json.dumps(body).encode(), "application/apply-patch+yaml")
        group = f".{group_version.partition('/')[0]}" if "/" in group_version else ""
        print(f"{resource['kind'].lower()}{group}/{metadata.get('name')} serverside-applied")


def rollout(server: Server, asked: argparse.Namespace) -> None:
    """Waits as `kubectl rollout status` does: for the generation, the updated and the available replicas."""
    if asked.words[:1] != ["status"] or len(asked.words) < 2:
        raise Failed("error: the stand-in for kubectl knows only `rollout status`")
    kind, _, name = asked.words[1].partition("/")
    if not kind.startswith("deploy") or not name:
        raise Failed("error: the stand-in for kubectl waits for deployment/NAME only")
    group_version, resource = server.of_object({"apiVersion": "apps/v1", "kind": "Deployment"})
    seconds = float(asked.timeout.removesuffix("s"))
    until = time.monotonic() + seconds if seconds else None
    said = ""
    while True:
        found = server.ask("GET", address(group_version, resource, asked.namespace, name))
        news, done = progress(found, name)
        if news != said:
            print(news, flush=True)
            said = news
        if done:
            return
        if until and time.monotonic() > until:
            raise Failed("error: timed out waiting for the condition")
        time.sleep(PAUSE)


def progress(found: JSON, name: str) -> tuple[str, bool]:
    """What kubectl says about a Deployment's rollout, and whether it is through. Raises Failed past its deadline."""
    wanted, status = found["spec"].get("replicas", 1), found.get("status", {})
    if found["metadata"].get("generation", 0) > status.get("observedGeneration", 0):
        return "Waiting for deployment spec update to be observed...", False
    for condition in status.get("conditions", []):
        if condition["type"] == "Progressing" and condition.get("reason") == "ProgressDeadlineExceeded":
            raise Failed(f'error: deployment "{name}" exceeded its progress deadline')
    head = f'Waiting for deployment "{name}" rollout to finish:'
    updated, total = status.get("updatedReplicas", 0), status.get("replicas", 0)
    available = status.get("availableReplicas", 0)
    if updated < wanted:
        return f"{head} {updated} out of {wanted} new replicas have been updated...", False
    if total > updated:
        return f"{head} {total - updated} old replicas are pending termination...", False
    if available < updated:
        return f"{head} {available} of {updated} updated replicas are available...", False
    return f'deployment "{name}" successfully rolled out', True


def options(arguments: list[str]) -> argparse.Namespace:
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
    asked = options(arguments)
    try:
        {"apply": apply, "rollout": rollout}[asked.verb](Server(asked.server, asked.token), asked)
    except Failed as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

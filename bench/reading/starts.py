"""Whether two start commands start the same program at the same entry point.

What is put before it (migrations, environment, package managers) and how it is told its port is left out of account; a script
of a package manager is what the manifest says that it does.
"""

import json
import re
import shlex
from collections.abc import Mapping

from onboarding.stacks import Component
from onboarding.stacks.components import Role

_WEB_SERVERS = {"caddy", "nginx", "serve", "http-server", "httpd"}
_RUNNERS = ({"npm", "pnpm", "yarn", "bun"}, {"npx", "bunx", "pnpx"})
_BEFORE = (
    r"^exec\s+", r"^(?:\w+=\S*\s+)+", r"^env\s+(?:\w+=\S*\s+)*", r"^bundle exec\s+", r"^(?:npx|bunx|pnpx|yarn exec|pnpm exec)\s+",
    r"^(?:uv|poetry|pdm|pipenv) run\s+(?:--\S+\s+)*", r"^(?:cross-env|dotenv(?: --)?)\s+(?:\w+=\S*\s+)*", r"^bin/(?=rails)",
)  # fmt: skip
_BUILT = {"go", "rust", "cpp", "dotnet", "swift", "zig", "crystal", "haskell", "cobol"}
"""Languages whose build leaves a program of its own."""


def equivalent(expected: str, found: Component, manifests: Mapping[str, str]) -> bool:
    """Whether the component is started as expected."""
    said, ours = _canonical(expected, manifests), _canonical(shlex.join(found.start), manifests)
    if found.role == Role.SITE:
        return said[0] in _WEB_SERVERS
    if not found.start:
        return False
    if found.family == "go" and not said[1] and not ours[1]:
        return True  # one program, under a name of the builder's choice
    if found.family in _BUILT and not said[1] and not ours[1]:
        return said[0].rpartition("/")[2] == ours[0].rpartition("/")[2]
    return said == ours


def _canonical(command: str, manifests: Mapping[str, str], depth: int = 4) -> tuple[str, str]:
    """(program, entry point)."""
    command = command.strip()
    if command.startswith("sh -c "):
        command = shlex.split(command)[2]
    command = re.split(r"&&|;", command)[-1].strip()
    before = None
    while before != command:
        before = command
        for pattern in _BEFORE:
            command = re.sub(pattern, "", command)
    words = _words(command)
    if not words:
        return "", ""
    script = _script(words)
    if script and depth:
        resolved = _scripts(manifests).get(script)
        return _canonical(resolved, manifests, depth - 1) if resolved else ("script", script)
    return _program(words), _entry(words)


def _words(command: str) -> list[str]:
    command = re.sub(r"\s+2>&1$", "", command)
    try:
        return shlex.split(command)
    except ValueError:
        return command.split()


def _script(words: list[str]) -> str:
    """The script that a package manager would run, or nothing."""
    if words[:2] == ["deno", "task"] and len(words) > 2:
        return words[2]
    if words[0] not in _RUNNERS[0]:
        return ""
    rest = [one for one in words[1:] if not one.startswith("-")]
    if rest[:1] == ["run"] and len(rest) > 1:
        return rest[1]
    return "start" if rest[:1] == ["start"] else ""


def _scripts(manifests: Mapping[str, str]) -> dict[str, str]:
    try:
        node, deno = (json.loads(manifests.get(name, "{}")) for name in ("package.json", "deno.json"))
    except ValueError:
        return {}
    scripts = node.get("scripts", {}) if isinstance(node, dict) else {}
    scripts = scripts or (deno.get("tasks", {}) if isinstance(deno, dict) else {})
    return {name: text for name, text in scripts.items() if isinstance(text, str)} if isinstance(scripts, dict) else {}


def _program(words: list[str]) -> str:
    name = words[0].rpartition("/")[2]
    return re.sub(r"^python[\d.]+$", "python", name)


def _entry(words: list[str]) -> str:
    """The first argument that is no option; of a JVM the archive's kind, of a server's application the module."""
    program, rest = _program(words), words[1:]
    if program == "java":
        jar = next((one for one in rest if one.endswith(("jar", "war"))), "")
        return "archive" if jar or "-jar" in rest else " ".join(rest)
    if program == "python" and rest[:1] == ["-m"]:
        return f"module {rest[1]}" if len(rest) > 1 else ""
    skip = False
    for one in rest:
        if skip:
            skip = False
        elif one in (
            "-b",
            "-p",
            "-w",
            "-c",
            "-C",
            "--bind",
            "--port",
            "--host",
            "--workers",
            "--config",
            "-o",
            "-S",
            "-t",
        ):
            skip = True
        elif program == "gunicorn" and not one.startswith("-"):
            return one if ":" in one else f"{one}:application"
        elif not one.startswith("-"):
            return re.sub(r"\.(js|mjs|cjs)$", "", one.removeprefix("./")).rstrip("/")
    return ""

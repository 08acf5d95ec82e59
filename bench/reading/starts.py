"""Whether two start commands start the same program at the same entry point.

Prefixes (migrations, environment, package managers) and how the program gets its port do not count. A package manager's
script is replaced by the command that the manifest defines for it.
"""

import json
import re
import shlex
from collections.abc import Mapping

from stacks import Component
from stacks.components import Role

_WEB_SERVERS = {"caddy", "nginx", "serve", "http-server", "httpd"}
_PACKAGE_MANAGERS = {"npm", "pnpm", "yarn", "bun"}
_PREFIXES = (
    r"^exec\s+", r"^(?:\w+=\S*\s+)+", r"^env\s+(?:\w+=\S*\s+)*", r"^bundle exec\s+", r"^(?:npx|bunx|pnpx|yarn exec|pnpm exec)\s+",
    r"^(?:uv|poetry|pdm|pipenv) run\s+(?:--\S+\s+)*", r"^(?:cross-env|dotenv(?: --)?)\s+(?:\w+=\S*\s+)*", r"^bin/(?=rails)",
)  # fmt: skip
_OPTIONS_WITH_VALUE = {
    "-b", "-p", "-w", "-c", "-C", "--bind", "--port", "--host", "--workers", "--config", "-o", "-S", "-t",
}  # fmt: skip
_COMPILED = {"go", "rust", "cpp", "dotnet", "swift", "zig", "crystal", "haskell", "cobol"}
"""Languages whose build produces an executable."""


def equivalent(expected: str, component: Component, manifests: Mapping[str, str]) -> bool:
    """Whether the component is started as expected."""
    label, read = _canonical(expected, manifests), _canonical(shlex.join(component.start), manifests)
    if component.role == Role.SITE:
        return label[0] in _WEB_SERVERS
    if not component.start:
        return False
    if component.family == "go" and not label[1] and not read[1]:
        return True  # one executable, whose name the builder chooses
    if component.family in _COMPILED and not label[1] and not read[1]:
        return label[0].rpartition("/")[2] == read[0].rpartition("/")[2]
    return label == read


def _canonical(command: str, manifests: Mapping[str, str], depth: int = 4) -> tuple[str, str]:
    """(program, entry point)."""
    words = _words(_without_prefixes(command))
    if not words:
        return "", ""
    script = _script(words)
    if script and depth:
        resolved = _scripts(manifests).get(script)
        return _canonical(resolved, manifests, depth - 1) if resolved else ("script", script)
    return _program(words), _entry(words)


def _without_prefixes(command: str) -> str:
    command = command.strip()
    if command.startswith("sh -c "):
        command = shlex.split(command)[2]
    command = re.split(r"&&|;", command)[-1].strip()
    before = None
    while before != command:
        before = command
        for pattern in _PREFIXES:
            command = re.sub(pattern, "", command)
    return command


def _words(command: str) -> list[str]:
    command = re.sub(r"\s+2>&1$", "", command)
    try:
        return shlex.split(command)
    except ValueError:
        return command.split()


def _script(words: list[str]) -> str:
    """The script that a package manager would run; empty where the command runs none."""
    if words[:2] == ["deno", "task"] and len(words) > 2:
        return words[2]
    if words[0] not in _PACKAGE_MANAGERS:
        return ""
    arguments = [word for word in words[1:] if not word.startswith("-")]
    if arguments[:1] == ["run"] and len(arguments) > 1:
        return arguments[1]
    return "start" if arguments[:1] == ["start"] else ""


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
    """The first argument that is not an option; for a JVM the kind of archive, for an application server the module."""
    program, rest = _program(words), words[1:]
    if program == "java":
        has_archive = "-jar" in rest or any(word.endswith(("jar", "war")) for word in rest)
        return "archive" if has_archive else " ".join(rest)
    if program == "python" and rest[:1] == ["-m"]:
        return f"module {rest[1]}" if len(rest) > 1 else ""
    argument = _first_argument(rest)
    if program == "gunicorn":
        return argument if ":" in argument or not argument else f"{argument}:application"
    return re.sub(r"\.(js|mjs|cjs)$", "", argument.removeprefix("./")).rstrip("/")


def _first_argument(words: list[str]) -> str:
    is_value = False
    for word in words:
        if is_value:
            is_value = False
        elif word in _OPTIONS_WITH_VALUE:
            is_value = True
        elif not word.startswith("-"):
            return word
    return ""

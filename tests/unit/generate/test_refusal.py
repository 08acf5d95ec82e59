"""Components that are recognised but cannot be built are refused with a reason: no file is generated that cannot work."""

import pytest

import generate
from tests.unit.stacks.repository import read

CASES: dict[str, tuple[dict[str, str], str]] = {
    # case → (files, part of the reason)
    "published by .NET": ({"shop.dll": "", "shop.runtimeconfig.json": "{}"}, "not its project"),
    "conda": (
        {"environment.yml": "dependencies:\n  - flask\n", "app.py": "app = Flask(__name__)\n"},
        "come from conda",
    ),
    "a gem without a lock file": ({"Gemfile": "gem 'sinatra'\n", "config.ru": "run X"}, "only from a lock file"),
    "Hugo": ({"hugo.toml": "", "content/a.md": ""}, "built with Hugo"),
    "a language without a toolchain": (
        {"mix.exs": "def project, do: [app: :shop]\n  mod: {A, []}\n", "lib/a.ex": ""},
        "does not build Elixir yet",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_a_component_is_refused_with_a_reason(name: str) -> None:
    files, reason = CASES[name]
    (component,) = read(files).components
    assert reason in generate.refusal(component)


def test_a_component_with_its_own_dockerfile_is_never_refused() -> None:
    files, _ = CASES["conda"]
    (component,) = read(
        {**files, "Dockerfile": 'FROM continuumio/miniconda3\nEXPOSE 8000\nCMD ["flask", "run"]\n'}
    ).components
    assert generate.refusal(component) == ""

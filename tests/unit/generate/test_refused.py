"""What the golden path knows and yet does not build: said with its reason, and never a file that cannot work."""

import pytest

from onboarding import generate
from tests.unit.stacks.repository import read

CASES: dict[str, tuple[dict[str, str], str]] = {
    # files → the reason
    "published by .NET": ({"shop.dll": "", "shop.runtimeconfig.json": "{}"}, "its project is not here"),
    "conda": (
        {"environment.yml": "dependencies:\n  - flask\n", "app.py": "app = Flask(__name__)\n"},
        "come from conda",
    ),
    "a gem without a lock file": ({"Gemfile": "gem 'sinatra'\n", "config.ru": "run X"}, "only from a lock file"),
    "Hugo": ({"hugo.toml": "", "content/a.md": ""}, "made by Hugo"),
    "a language without a toolchain": (
        {"mix.exs": "def project, do: [app: :shop]\n  mod: {A, []}\n", "lib/a.ex": ""},
        "does not build Elixir yet",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_it_is_refused_with_its_reason(name: str) -> None:
    files, why = CASES[name]
    (one,) = read(files).components
    assert why in generate.refusal(one)


def test_a_container_file_of_its_own_is_always_enough() -> None:
    files, _ = CASES["conda"]
    (one,) = read(
        {**files, "Dockerfile": 'FROM continuumio/miniconda3\nEXPOSE 8000\nCMD ["flask", "run"]\n'}
    ).components
    assert generate.refusal(one) == ""

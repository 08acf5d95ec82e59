"""The example, the tables of the documentation and the compose file name exactly the settings that the code reads."""

import re
import secrets
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, SecretStr

from integrations import providers
from onboarding.steps.golden_path import QUEUES
from portal import environment, production
from portal.environment import VARIABLES, Environment
from tests.deploy.kustomization import BASE, DEPLOY, ROOT, manifest, pod

EXAMPLE, WEB_EXAMPLE = DEPLOY / "onramp.env.example", DEPLOY / "onramp-web.env.example"
NOT_IN_PRODUCTION = {"ONRAMP_DEMO"}


def _options() -> dict[tuple[str, str], type[BaseModel]]:
    """(capability, provider) → its options."""
    return {
        (capability.name, name): registration.options
        for capability in providers.capabilities()
        for name, registration in capability.registrations().items()
    }


def _variables(capability: str, provider: str, fields: set[str]) -> set[str]:
    return {f"PORTAL_{capability}_{provider}_{field}".upper() for field in fields}


def _required(model: type[BaseModel]) -> set[str]:
    return {name for name, field in model.model_fields.items() if field.is_required()}


def _set(example: Path = EXAMPLE) -> dict[str, str]:
    """Name → value of the example's lines without a comment."""
    return dict(re.findall(r"^([A-Z][A-Z_]+)=(.*)$", example.read_text(), re.MULTILINE))


def _mentioned() -> list[str]:
    return re.findall(r"^#?([A-Z][A-Z_]+)=", EXAMPLE.read_text(), re.MULTILINE)


def _compose() -> dict[str, Any]:
    compose: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
    return compose


def test_the_example_names_every_variable_once_and_nothing_else() -> None:
    variables = set(VARIABLES) - NOT_IN_PRODUCTION
    for (capability, provider), model in _options().items():
        variables |= _variables(capability, provider, set(model.model_fields))
    assert sorted(_mentioned()) == sorted(variables)


def test_required_variables_are_not_commented_out_in_the_example() -> None:
    required = {name.upper() for name in _required(Environment)}
    for (capability, provider), model in _options().items():
        required |= _variables(capability, provider, _required(model))
    assert required <= set(_set())


def test_the_filled_in_example_is_complete() -> None:
    filled = {name: value or f"https://{secrets.token_hex(25)}" for name, value in _set().items()}
    assert list(production.refusals(environment.read(filled), filled)) == []
    assert list(providers.problems(filled, besides=VARIABLES)) == []
    assert all(capability.offered(filled) for capability in providers.capabilities())


def test_the_example_contains_no_secret() -> None:
    filled = {name for name, value in _set().items() if value}
    assert filled == {
        "PORTAL_URL",
        "PORTAL_ORGANISATION_FILE",
        "PORTAL_TRUSTED_PROXIES",
        "PORTAL_REGISTRY_GHCR_HOST",
    }


def test_the_web_process_gets_a_token_of_its_own_for_every_provider() -> None:
    """What the workers may do with a token, nobody may do through a page. Secrets of webhooks are needed to verify them."""
    tokens = set()
    for (capability, provider), model in _options().items():
        required = {name for name in _set() if name.startswith(f"PORTAL_{capability}_{provider}_".upper())}
        fields = {name for name, field in model.model_fields.items() if field.annotation is SecretStr}
        tokens |= _variables(capability, provider, fields) & required
    assert {name for name in tokens if "WEBHOOK" not in name} == set(_set(WEB_EXAMPLE))


def test_the_web_process_with_its_own_tokens_is_complete() -> None:
    filled = {name: value or "x" * 50 for name, value in (_set() | _set(WEB_EXAMPLE)).items()}
    assert list(providers.problems(filled, besides=VARIABLES)) == []
    assert all(capability.offered(filled) for capability in providers.capabilities())


def test_the_table_of_settings_matches_the_code() -> None:
    text = (ROOT / "docs" / "operating.md").read_text()
    rows = re.findall(r"^\| `([A-Z_]+)` \| .+ \| (.*) \|$", text, re.MULTILINE)
    assert sorted(name for name, _ in rows) == sorted(VARIABLES)
    defaults = {name.upper(): field for name, field in Environment.model_fields.items()}
    for name, default in rows:
        assert (default == "required") == defaults[name].is_required(), name
        if default not in ("required", "", "off"):
            assert default.strip("`") == str(defaults[name].default), name


def test_the_table_of_providers_matches_the_code() -> None:
    text = (ROOT / "docs" / "providers.md").read_text()
    rows = re.findall(r"^\| (\w+) \| (\w+) \| (.+) \| (.*) \|$", text, re.MULTILINE)
    documented = {
        (capability, provider): set(re.findall(r"`([A-Z_]+)`", f"{required} {optional}"))
        for capability, provider, required, optional in rows
        if capability in providers.NAMES
    }
    assert documented == {key: {name.upper() for name in model.model_fields} for key, model in _options().items()}


def test_compose_runs_the_same_commands_as_the_manifests() -> None:
    services = _compose()["services"]
    assert set(services) == {"postgres", "valkey", "migrate", "web", "worker"}
    (container,) = pod(manifest(BASE, "Deployment", "onramp-worker"))["containers"]
    values = {"$(QUEUES)": ",".join(QUEUES), "$(CONCURRENCY)": "4"}
    words = container["args"]
    for name, value in values.items():
        words = [word.replace(name, value) for word in words]
    assert services["worker"]["command"] == words
    assert services["worker"]["environment"]["REMAP_SIGTERM"] == "SIGQUIT"


def test_the_image_runs_the_same_command_as_the_manifests() -> None:
    (command,) = re.findall(r"^CMD (\[.+\])$", (DEPLOY / "Containerfile").read_text(), re.MULTILINE)
    (container,) = pod(manifest(BASE, "Deployment", "onramp-web"))["containers"]
    assert " ".join(yaml.safe_load(command)) == " ".join(container["args"]).replace("=", " ")


def test_the_servers_neither_evict_nor_lose_data() -> None:
    services = _compose()["services"]
    words = services["valkey"]["command"]
    assert words[words.index("--maxmemory-policy") + 1] == "noeviction"
    assert words[words.index("--appendonly") + 1] == "yes"
    assert not any("synchronous_commit" in word or "fsync" in word for word in services["postgres"]["command"])

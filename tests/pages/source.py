"""Onramp's providers configured for the tests' sandbox, and the simulated company in the catalog."""

from collections.abc import Iterator

import pytest

from integrations import providers
from portal.embedded import environment
from portal.embedded.environment import Ports
from tests.conftest import Cast
from tests.sandbox.process import Sandbox, sandbox

__all__ = ["acme", "sandbox"]


@pytest.fixture
def acme(sandbox: Sandbox, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    """A sandbox that the pages read from; its applications respond at its port."""
    variables = environment.onramp(Ports(8800, sandbox.port, sandbox.smtp_port), "x" * 50)
    for name, value in variables.items():
        if name.startswith("PORTAL_") and not name.startswith(("PORTAL_SIGNIN", "PORTAL_URL")):
            monkeypatch.setenv(name, value)
    providers.reset()
    cast.target.cluster_url = f"{sandbox.url}/kubernetes"
    cast.target.address = f"http://{{application}}.{{namespace}}.localhost:{sandbox.port}"
    cast.target.save()
    sandbox.forget_requests()
    yield sandbox
    providers.reset()

"""Onramp's providers pointed at the sandbox of the tests, and the pretend company in the catalog."""

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
    """A sandbox that the pages can ask; its applications answer at its port."""
    given = environment.onramp(Ports(8800, sandbox.port, sandbox.smtp_port), "x" * 50)
    for name, value in given.items():
        if name.startswith("PORTAL_") and not name.startswith(("PORTAL_SIGNIN", "PORTAL_URL")):
            monkeypatch.setenv(name, value)
    providers.provider.cache_clear()
    cast.target.cluster_url = f"{sandbox.url}/kubernetes"
    cast.target.address = f"http://{{application}}.{{namespace}}.localhost:{sandbox.port}"
    cast.target.save()
    sandbox.forget_requests()
    yield sandbox
    providers.provider.cache_clear()

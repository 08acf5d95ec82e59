"""Folders as hostile as they come: pytest's own lie below one of mode 0700."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from portal.embedded import unprivileged


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that everybody may enter."""
    folder = Path(tempfile.mkdtemp(prefix="open-", dir="/tmp"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(params=["namespace", "another user"])
def as_root(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, open_folder: Path) -> str:
    """Both ways in which root runs PostgreSQL; for an ordinary user there is but one."""
    monkeypatch.delenv(unprivileged.VARIABLE, raising=False)
    monkeypatch.setenv(unprivileged.PLACE_VARIABLE, str(open_folder))
    if request.param == "another user":
        if os.geteuid() != 0:
            pytest.skip("only root runs PostgreSQL as another user")
        monkeypatch.setenv(unprivileged.VARIABLE, "nobody")
    return str(request.param)

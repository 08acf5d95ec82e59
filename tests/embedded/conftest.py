"""Folders that other users can enter, and both ways of running PostgreSQL as root."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from portal.embedded import unprivileged


@pytest.fixture(scope="module")
def open_folder() -> Iterator[Path]:
    """A folder that every user may enter; pytest's own folders are below one of mode 0700."""
    folder = Path(tempfile.mkdtemp(prefix="open-", dir="/tmp"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselect the tests that concern only root, instead of reporting them as skipped."""
    if os.geteuid() != 0:
        for_root = [item for item in items if item.get_closest_marker("root")]
        items[:] = [item for item in items if item not in for_root]
        config.hook.pytest_deselected(items=for_root)


@pytest.fixture(scope="module", params=["namespace", pytest.param("another user", marks=pytest.mark.root)])
def as_root(request: pytest.FixtureRequest, open_folder: Path) -> Iterator[str]:
    """Both ways in which root runs PostgreSQL; an ordinary user has only one."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(unprivileged.VARIABLE, "nobody" if request.param == "another user" else "")
        patch.setenv(unprivileged.FOLDER_VARIABLE, str(open_folder))
        yield str(request.param)

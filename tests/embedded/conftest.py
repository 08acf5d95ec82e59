"""Folders as hostile as they come: pytest's own lie below one of mode 0700."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from portal.embedded import unprivileged


@pytest.fixture(scope="module")
def open_folder() -> Iterator[Path]:
    """A folder that everybody may enter."""
    folder = Path(tempfile.mkdtemp(prefix="open-", dir="/tmp"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """What only root meets does not concern an ordinary user: it is not missing there."""
    if os.geteuid() != 0:
        roots = [item for item in items if item.get_closest_marker("root")]
        items[:] = [item for item in items if item not in roots]
        config.hook.pytest_deselected(items=roots)


@pytest.fixture(scope="module", params=["namespace", pytest.param("another user", marks=pytest.mark.root)])
def as_root(request: pytest.FixtureRequest, open_folder: Path) -> Iterator[str]:
    """Both ways in which root runs PostgreSQL; for an ordinary user there is but one."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(unprivileged.VARIABLE, "nobody" if request.param == "another user" else "")
        patch.setenv(unprivileged.PLACE_VARIABLE, str(open_folder))
        yield str(request.param)

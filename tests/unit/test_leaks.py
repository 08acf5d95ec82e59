"""A planted credential is found, and what is public by intent is not."""

from pathlib import Path

import pytest

from tests import leaks

# Put together here, so that this file itself holds no key.
PLANTED = {
    "cloud": "AKIA" + "Q3EGRMBH5KVN2XYZ",
    "source host": "ghp_" + "wWPw5k4aXcaT" + "4fNP0UcnZwJU" + "VFk6LO0pINUx",
    "chat": "xoxb-" + "234567890123-abcdefghijkl" + "MNOpqrSTU",
    "key": "-----BEGIN " + "RSA PRIVATE KEY-----",
    "random": "'" + "Zm9vYmFyYmF6" + "cXV4MTIzNDU2" + "Nzg5MGFiY2Rl" + "ZmdoaWprbG1u" + "'",
    "hexadecimal": "'" + "9f86d081" + "884c7d65" + "9a2feaa0" + "c55ad015" + "'",
    "password": "https://user:" + "Tr0ub4dor@git.example/x",
}


@pytest.mark.parametrize("kind", PLANTED)
def test_a_planted_credential_is_found(kind: str, tmp_path: Path) -> None:
    (tmp_path / "settings.py").write_text(f"value = {PLANTED[kind]}\n")
    assert [line for _, line, _, _ in leaks.leaks(["settings.py"], tmp_path)] == [1]


def test_the_source_itself_is_scanned() -> None:
    names = leaks.files()
    assert {"portal/settings.py", "tests/leaks.py", "deploy/onramp.env.example"} <= set(names)


def test_what_is_public_has_a_reason() -> None:
    assert all(leaks.PUBLIC.values())

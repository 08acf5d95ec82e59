"""The repository's own container file."""

import pytest

from tests.unit.stacks.repository import only


@pytest.mark.parametrize(
    ("text", "port", "start"),
    [
        ('FROM a\nEXPOSE 9000/tcp\nCMD ["/srv", "--now"]\n', 9000, ["/srv", "--now"]),
        ('FROM a\nENTRYPOINT ["/srv"]\nCMD ["--now"]\n', 8080, ["/srv", "--now"]),
        ("FROM a AS b\nEXPOSE 1\nCMD make\nFROM c\n# EXPOSE 2\nexpose 9001\ncmd /srv -x\n", 9001, ["/srv", "-x"]),
        ('FROM a\nCMD ["/srv", \\\n  # a comment between\n  "--now"]\n', 8080, ["/srv", "--now"]),
        ("FROM a\nCMD old\nCMD new\n", 8080, ["new"]),
        ("FROM a\nEXPOSE $PORT\nCMD echo 'open\n", 8080, ["sh", "-c", "echo 'open"]),
        ("FROM a\nEXPOSE 99999\n", 8080, []),
    ],
)
def test_what_it_says(text: str, port: int, start: list[str]) -> None:
    found = only({"Dockerfile": text})
    assert (found.family, found.container_file, found.port, list(found.start)) == (
        "dockerfile",
        "Dockerfile",
        port,
        start,
    )


def test_it_decides_over_what_the_language_says() -> None:
    found = only(
        {
            "requirements.txt": "",
            "app.py": "PORT = 8000\nif __name__ == '__main__': ...\n",
            "Dockerfile": 'FROM python\nEXPOSE 9000\nCMD ["gunicorn", "app:app"]\n',
        }
    )
    assert (found.family, found.port, found.start) == ("python", 9000, ("gunicorn", "app:app"))
    assert ("Dockerfile", 2) in [(one.path, one.line) for one in found.evidence]

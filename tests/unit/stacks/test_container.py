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
        ("FROM a\nEXPOSE 8000-8010\n", 8000, []),
    ],
)
def test_port_and_command_are_those_of_the_last_stage(text: str, port: int, start: list[str]) -> None:
    component = only({"Dockerfile": text})
    assert (component.family, component.container_file) == ("dockerfile", "Dockerfile")
    assert (component.port, list(component.start)) == (port, start)


def test_the_container_file_overrides_the_language() -> None:
    component = only(
        {
            "requirements.txt": "",
            "app.py": "PORT = 8000\nif __name__ == '__main__': ...\n",
            "Dockerfile": 'FROM python\nEXPOSE 9000\nCMD ["gunicorn", "app:app"]\n',
        }
    )
    assert (component.family, component.port, component.start) == ("python", 9000, ("gunicorn", "app:app"))
    assert ("Dockerfile", 2) in [(evidence.path, evidence.line) for evidence in component.evidence]

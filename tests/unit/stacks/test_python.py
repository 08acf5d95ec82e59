"""Python: package manager, start command, version and tests."""

import pytest

from tests.unit.stacks.repository import only, read

MAIN = "if __name__ == '__main__': ...\n"
PROJECT = '[project]\nname = "x"\nrequires-python = ">=3.11"\ndependencies = ["flask"]\n'


@pytest.mark.parametrize(
    ("files", "manager", "install", "production"),
    [
        (
            {"requirements.txt": "flask\n"},
            "pip",
            "python -m pip install --requirement requirements.txt",
            "python -m pip install --requirement requirements.txt",
        ),
        (
            {"requirements.txt": "flask\n", "requirements-dev.txt": "pytest\n"},
            "pip",
            "python -m pip install --requirement requirements.txt --requirement requirements-dev.txt",
            "python -m pip install --requirement requirements.txt",
        ),
        (
            {"pyproject.toml": f"{PROJECT}[build-system]\nrequires = []\n"},
            "pip",
            "python -m pip install .",
            "python -m pip install .",
        ),
        (
            {"pyproject.toml": PROJECT, "uv.lock": ""},
            "uv",
            "uv sync --locked",
            "uv sync --locked --no-dev",
        ),
        (
            {"pyproject.toml": "[tool.poetry.dependencies]\nflask = '*'\n", "poetry.lock": ""},
            "poetry",
            "poetry install",
            "poetry install --only main",
        ),
        ({"pyproject.toml": PROJECT, "pdm.lock": ""}, "pdm", "pdm sync --dev", "pdm sync --prod"),
        ({"Pipfile": "[packages]\n", "Pipfile.lock": "{}"}, "pipenv", "pipenv sync --dev", "pipenv sync"),
        ({"pyproject.toml": "[project]\nname = 'x'\n"}, "pip", "", ""),
    ],
)
def test_the_manifests_decide_the_package_manager(
    files: dict[str, str], manager: str, install: str, production: str
) -> None:
    component = only({**files, "app.py": MAIN})
    assert component.package_manager == manager
    assert " ".join(component.install) == install
    assert " ".join(component.install_production) == production


def test_a_missing_lock_file_gets_a_warning() -> None:
    reading = read({"pyproject.toml": PROJECT, "app.py": MAIN})
    assert reading.components[0].install_production == ("uv", "sync", "--no-dev")
    assert reading.components[0].install == ("uv", "sync")
    assert any("no lock file" in warning for warning in reading.warnings)


def test_two_lock_files_get_a_warning() -> None:
    reading = read({"pyproject.toml": PROJECT, "uv.lock": "", "poetry.lock": "", "app.py": MAIN})
    assert reading.components[0].package_manager == "uv"
    assert any("uv.lock and poetry.lock" in warning for warning in reading.warnings)


def test_requirements_that_refer_to_other_files_need_the_whole_folder() -> None:
    assert only({"requirements.txt": "flask\n", "app.py": MAIN}).manifests == ("requirements.txt",)
    assert only({"requirements.txt": "-r more.txt\n", "app.py": MAIN}).manifests == ()


@pytest.mark.parametrize(
    ("files", "start", "confidence"),
    [
        (
            {"requirements.txt": "django\ngunicorn\n", "manage.py": MAIN, "shop/wsgi.py": ""},
            "gunicorn shop.wsgi:application",
            "likely",
        ),
        (
            {"requirements.txt": "django\n", "manage.py": MAIN, "shop/wsgi.py": ""},
            'sh -c exec python manage.py runserver --noreload "0.0.0.0:$PORT"',
            "guess",
        ),
        (
            {"requirements.txt": "fastapi[standard]\n", "main.py": "app = FastAPI()\n"},
            'sh -c exec uvicorn main:app --host 0.0.0.0 --port "$PORT"',
            "likely",
        ),
        (
            {"requirements.txt": "fastapi\nuvicorn\n", "main.py": f"app = FastAPI()\n{MAIN}uvicorn.run(app)"},
            "python main.py",
            "likely",
        ),
        (
            {"requirements.txt": "flask\ngunicorn\n", "web/app.py": "api = Flask(__name__)\n"},
            "gunicorn web.app:api",
            "likely",
        ),
        (
            {"requirements.txt": "flask\ngunicorn\n", "app.py": f"app = Flask(__name__)\n{MAIN}app.run(debug=True)"},
            "gunicorn app:app",
            "likely",
        ),
        (
            {"requirements.txt": "flask\n", "app.py": "app = Flask(__name__)\n"},
            'sh -c exec flask --app app:app run --host 0.0.0.0 --port "$PORT"',
            "likely",
        ),
        ({"pyproject.toml": PROJECT, "src/shop/__main__.py": MAIN}, "python -m shop", "likely"),
        ({"pyproject.toml": f"{PROJECT}[project.scripts]\nserve = 'shop:main'\n"}, "serve", "likely"),
        ({"requirements.txt": "", "worker.py": MAIN}, "python worker.py", "likely"),
        ({"requirements.txt": "", "main.py": "serve()\n"}, "python main.py", "guess"),
        (
            {"requirements.txt": "", "Procfile": "web: FLAG=1 python a.py && b\nclock: python c.py\n"},
            "sh -c FLAG=1 python a.py && b",
            "certain",
        ),
    ],
)
def test_the_start_command(files: dict[str, str], start: str, confidence: str) -> None:
    component = only(files)
    assert (" ".join(component.start), component.confidence) == (start, confidence)


def test_other_processes_are_alternatives() -> None:
    component = only({"requirements.txt": "", "Procfile": "web: python a.py\nclock: python c.py\n"})
    assert component.alternatives == ("clock: python c.py",)


def test_a_library_is_no_component() -> None:
    assert read({"pyproject.toml": PROJECT, "shop/__init__.py": "", "shop/core.py": ""}).unknown


@pytest.mark.parametrize(
    ("files", "version", "file"),
    [
        ({".python-version": "3.12.4\n"}, "3.12", ".python-version"),
        ({"runtime.txt": "python-3.11.2\n"}, "3.11", ""),
        ({"pyproject.toml": '[project]\nrequires-python = ">=3.8"\n'}, "3.11", ""),
        ({"pyproject.toml": '[project]\nrequires-python = ">=3.12,<3.14"\n'}, "3.12", ""),
        ({"pyproject.toml": '[tool.poetry.dependencies]\npython = "^3.13"\n'}, "3.13", ""),
        ({}, "", ""),
    ],
)
def test_the_version_is_the_oldest_allowed_one_that_gets_fixes(files: dict[str, str], version: str, file: str) -> None:
    component = only({"requirements.txt": "", "app.py": MAIN, **files})
    assert (component.version, component.version_file) == (version, file)


def test_a_version_without_security_fixes_gets_a_warning() -> None:
    reading = read({"requirements.txt": "", "app.py": MAIN, ".python-version": "3.7"})
    assert any("no longer gets security fixes" in warning for warning in reading.warnings)


@pytest.mark.parametrize(
    ("files", "test"),
    [
        ({"test_app.py": ""}, "python -m unittest discover"),
        ({"tests/__init__.py": "", "tests/test_app.py": ""}, "python -m unittest discover"),
        ({"tests/test_app.py": ""}, "python -m pytest"),
        ({"requirements-dev.txt": "pytest\n", "test_app.py": ""}, "python -m pytest"),
        ({"pyproject.toml": "[tool.pytest.ini_options]\n"}, "python -m pytest"),
        ({"pyproject.toml": "", "uv.lock": "", "tests/test_app.py": ""}, "uv run --no-sync python -m pytest"),
        ({"manage.py": "", "shop/__init__.py": "", "shop/test_models.py": ""}, "python manage.py test"),
        ({}, ""),
    ],
)
def test_the_test_command(files: dict[str, str], test: str) -> None:
    base = {"app.py": MAIN} if "uv.lock" in files else {"requirements.txt": "", "app.py": MAIN}
    assert " ".join(only({**base, **files}).test) == test


def test_pytest_is_installed_if_no_manifest_requires_it() -> None:
    files = {"requirements.txt": "flask\n", "app.py": MAIN, "tests/test_app.py": ""}
    assert only(files).install[-1] == "pytest"
    assert only({**files, "requirements.txt": "flask\npytest\n"}).install[-1] == "requirements.txt"


@pytest.mark.parametrize(
    ("source", "port"),
    [
        ("PORT = int(os.environ.get('PORT', '9001'))", 9001),
        ("port = os.getenv('PORT') or 9002", 9002),
        ("app.run(host='0.0.0.0', port=9003)", 9003),
        ("HTTPServer(('', 9004), Handler)", 9004),
        ("connection = psycopg.connect(host='db', port=5432)", 8000),
    ],
)
def test_the_port_is_that_of_the_server_not_of_a_database(source: str, port: int) -> None:
    assert only({"requirements.txt": "", "app.py": f"{source}\n{MAIN}"}).port == port


def test_a_client_library_exposes_metrics() -> None:
    component = only({"requirements.txt": "Prometheus_Client>=0.2\n", "app.py": MAIN})
    assert component.metrics_path == "/metrics"
    assert any("prometheus-client" in evidence.message for evidence in component.evidence)


def test_variables_are_found_with_default_and_line() -> None:
    source = (
        "import os\nA = os.environ['UPSTREAM']\nB = os.getenv('CITY', 'Oslo')\nC = os.environ.get('API_KEY', 'dev')\n"
        "os.environ['WRITTEN'] = 'x'\nP = os.environ['PORT']\n"
    )
    component = only({"requirements.txt": "", "app.py": f"{source}{MAIN}", "test_app.py": "os.environ['OF_A_TEST']"})
    assert [(setting.name, setting.default, setting.secret) for setting in component.settings] == [
        ("API_KEY", "(a default in the code)", True),
        ("CITY", "'Oslo'", False),
        ("UPSTREAM", None, False),
    ]
    assert [setting.evidence.line for setting in component.settings] == [4, 3, 2]

"""PHP: what a web server runs below a document root, installed by Composer. https://getcomposer.org/doc/04-schema.md"""

import re

from onboarding.stacks import locked, pinning, serving
from onboarding.stacks.components import Command, Component, Evidence, Grounds, Role
from onboarding.stacks.folder import Folder, as_table, as_text
from onboarding.stacks.runtimes import Runtime

FAMILY = "php"
MARKERS = ("composer.json", "artisan", "symfony.lock", ".php-version")
MANIFESTS = ("composer.json", ".php-version", *pinning.MANIFESTS)
ENTRIES = ("index.php", "public/index.php", "web/index.php", "app.php", "server.php", "worker.php", "main.php")
ENDINGS = (".php",)
RUNTIME = Runtime(
    "PHP",
    default="8.4",
    supported=("8.2", "8.3", "8.4", "8.5"),
    ended=("5.6", "7.4", "8.0", "8.1"),
    as_of="2026-11",  # https://www.php.net/supported-versions.php; 8.2 ends with this year
)
FRAMEWORKS = {
    "laravel": "laravel/framework", "symfony": "symfony/framework-bundle", "slim": "slim/slim", "cakephp": "cakephp/cakephp",
    "codeigniter": "codeigniter4/framework", "yii": "yiisoft/yii2", "drupal": "drupal/core-recommended", "laminas": "laminas/laminas-mvc",
}  # fmt: skip
_READ = r"(?:getenv|env)\(\s*[\"'](?P<name>[A-Z][A-Z0-9_]+)[\"']\s*(?:,\s*(?P<default>[^)\n]{1,80}))?\)"
_REQUIRED = r"\$_(?:ENV|SERVER)\[\s*[\"'](?P<name>[A-Z][A-Z0-9_]+)[\"']\s*\](?:\s*\?\?\s*(?P<default>[^;)\n]{1,80}))?"
_PROGRAMS = re.compile(r"\bphp\b|apache2|nginx|php-fpm|artisan|frankenphp")
_NEEDS = {
    "postgresql": ("ext-pgsql", "ext-pdo_pgsql"), "mysql": ("ext-mysqli", "ext-pdo_mysql"), "redis": ("predis/predis", "ext-redis"),
    "mongodb": ("mongodb/mongodb", "ext-mongodb"), "rabbitmq": ("php-amqplib/php-amqplib",),
}  # fmt: skip
PORT = 8080


def read(folder: Folder, name: str) -> Component | None:
    """The PHP application in this folder; a library where there is nothing that a web server could run."""
    manifest = folder.json("composer.json")
    marked = folder.has("composer.json", "artisan", "symfony.lock", ".php-version")
    root = _document_root(folder)
    page = f"{root}/index.php" if root != "." else "index.php"
    served = page in folder.files or (not marked and bool(folder.ending(".php")))
    if not marked and not served:
        return None
    depends = set(as_table(manifest.get("require")))
    lock = folder.has("composer.lock")
    processed = serving.started_by_procfile(folder, _PROGRAMS)
    served_by: Command = ("php", "-S", f"0.0.0.0:{PORT}", "-t", root) if served else ()
    version, said = _version(folder, as_text(as_table(manifest.get("require")).get("php")))
    if len(depends - {"php"}) and not lock:
        folder.warn(f"{folder.path('composer.json')} has requirements and no lock file: two builds may differ.")
    packages = [one for one in depends if "/" in one and not one.endswith("-implementation")]
    locked.warn(folder, folder, lock, packages, "composer.json")
    health, health_evidence = serving.health_path(folder, ENDINGS)
    library = bool(marked) and not served and not processed
    why = processed[1] if processed else Evidence(folder.path(page), None, f"is what a web server runs; {root if root != '.' else 'the folder'} is its document root")  # fmt: skip
    grounds = Grounds.PROCESS if processed else Grounds.MANIFEST if marked else Grounds.SOURCES
    return Component(
        name=name,
        root=folder.root,
        family=FAMILY,
        language="PHP",
        version=version,
        framework=next((one for one, package in FRAMEWORKS.items() if package in depends), ""),
        package_manager="composer" if "composer.json" in folder.files else "",
        lock_file=lock,
        install=("composer", "install", "--no-interaction", "--prefer-dist") if manifest else (),
        install_production=("composer", "install", "--no-interaction", "--prefer-dist", "--no-dev", "--optimize-autoloader") if manifest else (),
        test=_test(folder, manifest),
        start=processed[0] if processed else served_by,
        port=PORT,
        health_path=health,
        settings=serving.settings(folder, ENDINGS, _READ, _REQUIRED),
        evidence=(
            *((Evidence(folder.path(marked), None, "says that this is PHP"),) if marked else ()),
            *said, *((why,) if served or processed else ()), *health_evidence,
        ),
        confidence="certain" if processed or (marked and served) else "likely" if served else "guess",
        alternatives=serving.other_processes(folder),
        role=Role.LIBRARY if library else Role.SERVICE,
        grounds=Grounds.COMPANION if library and not depends - {"php"} else grounds,
        output=root,
        needs=serving.needs(depends, _NEEDS),
    )  # fmt: skip


def _document_root(folder: Folder) -> str:
    """The folder that a web server may show, `.` for the component's own."""
    return next(
        (one for one in ("public", "web", "webroot", "htdocs", "www") if f"{one}/index.php" in folder.files), "."
    )


def _version(folder: Folder, asked: str) -> tuple[str, list[Evidence]]:
    pinned = pinning.file_version(folder, ".php-version", r"(\d\.\d)")
    if pinned:
        return pinning.known(
            folder, RUNTIME, pinned, Evidence(folder.path(".php-version"), 1, f"asks for PHP {pinned}")
        )
    allowed = RUNTIME.allowed(asked)
    if allowed:
        return pinning.known(
            folder, RUNTIME, allowed, Evidence(folder.path("composer.json"), None, f"requires PHP {asked}")
        )
    managed = pinning.pinned(folder, "php")
    return pinning.known(folder, RUNTIME, ".".join(managed[0].split(".")[:2]), managed[1]) if managed else ("", [])


def _test(folder: Folder, manifest: dict[str, object]) -> Command:
    if as_text(as_table(manifest.get("scripts")).get("test")):
        return ("composer", "test")
    develops = as_table(manifest.get("require-dev"))
    if folder.has("phpunit.xml", "phpunit.xml.dist") or "phpunit/phpunit" in develops:
        return ("vendor/bin/pest",) if "pestphp/pest" in develops else ("vendor/bin/phpunit",)
    folder.warn(f"No tests were found in {folder.title}; its pipeline only builds.")
    return ()

"""PHP: pages that a web server runs below a document root, installed by Composer."""

import patterns
from stacks import php_composer, php_version, pinning, processes, serving
from stacks.components import Command, Component, Evidence, Grounds, Role
from stacks.family import Family
from stacks.folder import Folder
from stacks.values import as_table, as_text

MARKERS = ("composer.json", "artisan", "symfony.lock", ".php-version")
ENDINGS = (".php",)
_READ = patterns.repeated(
    r"(?:getenv|env)\(\s{0,40}[\"'](?P<name>[A-Z][A-Z0-9_]{1,100})[\"']\s{0,40}(?:,\s{0,40}(?P<default>[^)\n]{1,80}))?\)"
)
_REQUIRED = patterns.repeated(
    r"\$_(?:ENV|SERVER)\[\s{0,40}[\"'](?P<name>[A-Z][A-Z0-9_]{1,100})[\"']\s{0,40}\]"
    r"(?:\s{0,40}\?\?\s{0,40}(?P<default>[^;)\n]{1,80}))?"
)
_PROGRAMS = patterns.compile(r"\bphp\b|apache2|nginx|php-fpm|artisan|frankenphp")
_NEEDS = {
    "postgresql": ("ext-pgsql", "ext-pdo_pgsql"),
    "mysql": ("ext-mysqli", "ext-pdo_mysql"),
    "redis": ("predis/predis", "ext-redis"),
    "mongodb": ("mongodb/mongodb", "ext-mongodb"),
    "rabbitmq": ("php-amqplib/php-amqplib",),
}
PORT = 8080
_INSTALL = ("composer", "install", "--no-interaction", "--prefer-dist")


def read(folder: Folder, name: str) -> Component | None:
    """The PHP application in this folder; a library if there is no page that a web server could run."""
    marker = folder.has(*MARKERS)
    root = _document_root(folder)
    page = f"{root}/index.php" if root != "." else "index.php"
    served = page in folder.files or (not marker and bool(folder.top_files_ending(".php")))
    if not marker and not served:
        return None
    return _component(folder, name, marker, root, page if served else "")


def _component(folder: Folder, name: str, marker: str, root: str, page: str) -> Component:
    """`page` is the page that the web server runs, if there is one; `root` is the document root."""
    manifest = folder.json("composer.json")
    depends = set(as_table(manifest.get("require")))
    packages = depends - {"php"}
    declared = processes.declared_start(folder, _PROGRAMS)
    version, version_evidence = php_version.version(folder, as_text(as_table(manifest.get("require")).get("php")))
    php_composer.warn(folder, packages)
    health, health_evidence = serving.health_path(folder, ENDINGS)
    identified = [Evidence(folder.path(marker), None, "identifies this as PHP")] if marker else []
    started = [declared[1]] if declared else [_page_evidence(folder, page, root)] if page else []
    library = bool(marker) and not page and not declared
    grounds = Grounds.PROCESS if declared else Grounds.MANIFEST if marker else Grounds.SOURCES
    return Component(
        name=name,
        root=folder.root,
        family=FAMILY.name,
        language="PHP",
        version=version,
        framework=php_composer.framework(depends),
        package_manager="composer" if "composer.json" in folder.files else "",
        lock_file=folder.has("composer.lock"),
        install=_INSTALL if manifest else (),
        install_production=(*_INSTALL, "--no-dev", "--optimize-autoloader") if manifest else (),
        test=_test(folder, manifest),
        start=declared[0] if declared else ("php", "-S", f"0.0.0.0:{PORT}", "-t", root) if page else (),
        port=PORT,
        health_path=health,
        settings=serving.settings(folder, ENDINGS, _READ, _REQUIRED),
        evidence=(*identified, *version_evidence, *started, *health_evidence),
        confidence="certain" if declared or (marker and page) else "likely" if page else "guess",
        alternatives=processes.others(folder),
        role=Role.LIBRARY if library else Role.SERVICE,
        grounds=Grounds.COMPANION if library and not packages else grounds,
        output=root,
        needs=serving.needs(depends, _NEEDS),
    )


def _document_root(folder: Folder) -> str:
    """The folder that a web server may serve, `.` for the component's own."""
    roots = ("public", "web", "webroot", "htdocs", "www")
    return next((root for root in roots if f"{root}/index.php" in folder.files), ".")


def _page_evidence(folder: Folder, page: str, root: str) -> Evidence:
    document_root = f"{root}/" if root != "." else "the folder"
    return Evidence(folder.path(page), None, f"runs in a web server; {document_root} is the document root")


def _test(folder: Folder, manifest: dict[str, object]) -> Command:
    if as_text(as_table(manifest.get("scripts")).get("test")):
        return ("composer", "test")
    for_development = as_table(manifest.get("require-dev"))
    if folder.has("phpunit.xml", "phpunit.xml.dist") or "phpunit/phpunit" in for_development:
        return ("vendor/bin/pest",) if "pestphp/pest" in for_development else ("vendor/bin/phpunit",)
    folder.warn_no_tests()
    return ()


FAMILY = Family(
    name="php",
    read=read,
    markers=MARKERS,
    manifests=("composer.json", ".php-version", *pinning.MANIFESTS),
    entries=("index.php", "public/index.php", "web/index.php", "app.php", "server.php", "worker.php", "main.php"),
    endings=ENDINGS,
    lock_files=php_composer.LOCK_FILES,
    images=patterns.compile(r"(?:^|/)(?:php|composer|frankenphp)$"),
)

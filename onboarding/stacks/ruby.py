"""Ruby: Rails, Rack or a script, installed by Bundler. https://bundler.io, https://github.com/rack/rack"""

import re

from onboarding.stacks import locked, pinning, serving
from onboarding.stacks.components import Command, Component, Evidence, Grounds, Role
from onboarding.stacks.folder import Folder
from onboarding.stacks.runtimes import Runtime

FAMILY = "ruby"
MARKERS = ("Gemfile", "gems.rb", "config.ru", ".ruby-version", "*.gemspec")
MANIFESTS = ("Gemfile", "gems.rb", ".ruby-version", *pinning.MANIFESTS, "*.gemspec")
ENTRIES = ("config.ru", "app.rb", "server.rb", "main.rb", "bot.rb", "config/puma.rb", "config/routes.rb")
ENDINGS = (".rb", ".ru")
RUNTIME = Runtime(
    "Ruby",
    default="3.4",
    supported=("3.3", "3.4", "4.0"),
    ended=("1.9", "2.7", "3.0", "3.1", "3.2"),
    as_of="2026-11",  # https://www.ruby-lang.org/en/downloads/branches/
)
FRAMEWORKS = ("rails", "sinatra", "hanami", "roda", "grape", "padrino", "cuba")
_SERVERS = ("puma", "unicorn", "falcon", "thin", "passenger")
_PORTS = (
    r"ENV\.fetch\(\s*[\"']PORT[\"']\s*(?:,|\)\s*\{)\s*[\"']?(?P<port>\d{2,5})",
    r"ENV\[\s*[\"']PORT[\"']\s*\]\s*\|\|\s*[\"']?(?P<port>\d{2,5})",
    r"\bset\s+:port,\s*(?P<port>\d{2,5})",
    r"TCPServer\.new\(\s*(?:[\"'][^\"'\n]{0,60}[\"']\s*,\s*)?(?P<port>\d{2,5})",
)
_FETCH = r"ENV\.fetch\(\s*[\"'](?P<name>[A-Z][A-Z0-9_]+)[\"']\s*(?:,\s*(?P<default>[^)\n]{1,80}))?\)"
_READ = r"ENV\[\s*[\"'](?P<name>[A-Z][A-Z0-9_]+)[\"']\s*\](?!\s*=[^=])(?:\s*\|\|\s*(?P<default>[^;)\n]{1,80}))?"
_PROGRAMS = re.compile(r"\b(ruby|bundle|rails|rackup|puma|unicorn|rake|thin|falcon|sidekiq|jekyll)\b|\.rb\b")
_GEM = re.compile(r"^[ \t]*gem\s*\(?\s*[\"']([\w.-]+)[\"']", re.MULTILINE)
_NEEDS = {
    "postgresql": ("pg",), "mysql": ("mysql2", "trilogy"), "redis": ("redis", "sidekiq"), "mongodb": ("mongoid",),
    "kafka": ("ruby-kafka", "karafka"), "rabbitmq": ("bunny",), "sqlite": ("sqlite3",),
}  # fmt: skip


def read(folder: Folder, name: str) -> Component | None:
    """The Ruby service in this folder; a library where it is a gem."""
    manifest = folder.has("Gemfile", "gems.rb")
    marked = manifest or folder.has("config.ru", ".ruby-version") or next(iter(folder.ending(".gemspec")), "")
    source = folder.has("app.rb", "server.rb", "main.rb", "bot.rb") or next(iter(folder.ending(".rb")), "")
    if not marked and not source:
        return None
    gems = set(_GEM.findall(folder.text(manifest))) if manifest else set()
    lock = folder.has("Gemfile.lock", "gems.locked")
    framework = next((one for one in FRAMEWORKS if one in gems), "rails" if "bin/rails" in folder.files else "")
    processed = serving.started_by_procfile(folder, _PROGRAMS)
    start, why = processed or _start(folder, gems, framework)
    version, said = _version(folder, manifest)
    usual = 3000 if framework == "rails" else 9292 if "config.ru" in folder.files else 4567
    port, port_evidence = serving.port(folder, ENDINGS, _PORTS, start, usual)
    health, health_evidence = serving.health_path(folder, ENDINGS)
    metrics, metrics_evidence = serving.metrics_path(
        folder, ENDINGS, gems, ("prometheus-client", "yabeda-prometheus", "prometheus_exporter"), manifest
    )
    if manifest and gems and not lock:
        folder.warn(f"{folder.title} has a {manifest} and no lock file: two builds may differ.")
    locked.warn(folder, folder, lock, gems, manifest)
    library = bool(folder.ending(".gemspec")) and not start
    if manifest and not start and not library:
        grounds = Grounds.COMPANION
    else:
        grounds = Grounds.PROCESS if processed else Grounds.MANIFEST if marked else Grounds.SOURCES
    return Component(
        name=name,
        root=folder.root,
        family=FAMILY,
        language="Ruby",
        version=version,
        version_file=".ruby-version" if pinning.file_version(folder, ".ruby-version", r"(?:ruby-)?(\d\.\d)") else "",
        framework=framework,
        package_manager="bundler" if manifest else "",
        lock_file=lock,
        manifests=(manifest, lock) if lock and not _leads_elsewhere(folder, manifest) else (),
        install=("bundle", "install") if gems else (),
        install_production=("bundle", "install") if gems else (),
        build=("bundle", "exec", "rails", "assets:precompile") if framework == "rails" and folder.below(".scss", ".css", ".js") and "app/assets/config/manifest.js" in folder.files else (),
        test=_test(folder, gems, framework),
        start=start,
        port=port,
        health_path="/up" if health == "/" and framework == "rails" and re.search(r"rails/health", folder.text("config/routes.rb")) else health,
        metrics_path=metrics,
        settings=serving.settings(folder, ENDINGS, _READ, strict=(_FETCH,)),
        evidence=(
            Evidence(folder.path(marked or source), None, "says that this is Ruby"), *said, *((why,) if why else ()),
            port_evidence, *health_evidence, *metrics_evidence,
        ),
        confidence="certain" if processed or framework == "rails" or "config.ru" in folder.files else "likely" if start and marked else "guess",
        alternatives=serving.other_processes(folder),
        role=Role.LIBRARY if library else Role.SERVICE,
        grounds=grounds,
        needs=serving.needs(gems, _NEEDS),
    )  # fmt: skip


def _start(folder: Folder, gems: set[str], framework: str) -> tuple[Command, Evidence | None]:
    bundled: Command = ("bundle", "exec") if gems else ()
    if framework == "rails" and folder.has("bin/rails", "config/application.rb", "config/environment.rb"):
        return _port("exec bundle exec rails server -b 0.0.0.0"), Evidence(folder.path(folder.has("bin/rails", "config/application.rb", "config/environment.rb")), None, "is a Rails application")  # fmt: skip
    if "config.ru" in folder.files:
        place = Evidence(folder.path("config.ru"), None, "is a Rack application")
        if "puma" in gems and "config/puma.rb" in folder.files:
            return (*bundled, "puma", "-C", "config/puma.rb"), place
        server = "puma -b tcp://0.0.0.0:$PORT" if "puma" in gems else ""
        rackup = "rackup config.ru --host 0.0.0.0 --port $PORT"
        return ("sh", "-c", " ".join(("exec", *bundled, server or rackup))), place
    main = folder.has("app.rb", "server.rb", "main.rb", "bot.rb")
    if main:
        return (*bundled, "ruby", main), Evidence(folder.path(main), None, "has the name of a main file")
    return (), None


def _port(command: str) -> Command:
    return ("sh", "-c", f'{command} -p "$PORT"')


def _leads_elsewhere(folder: Folder, manifest: str) -> bool:
    return bool(re.search(r"\bpath:|:path\s*=>|^[ \t]*gemspec\b|eval_gemfile", folder.text(manifest), re.MULTILINE))


def _version(folder: Folder, manifest: str) -> tuple[str, list[Evidence]]:
    pinned = pinning.file_version(folder, ".ruby-version", r"(?:ruby-)?(\d\.\d{1,2})")
    if pinned:
        return pinning.known(
            folder, RUNTIME, pinned, Evidence(folder.path(".ruby-version"), 1, f"asks for Ruby {pinned}")
        )
    asked = (
        re.search(r"^[ \t]*ruby\s*\(?\s*[\"']([^\"'\n]{1,40})[\"']", folder.text(manifest), re.MULTILINE)
        if manifest
        else None
    )
    allowed = RUNTIME.allowed(asked[1]) if asked else ""
    if asked and allowed:
        return pinning.known(
            folder, RUNTIME, allowed, Evidence(folder.path(manifest), None, f"asks for Ruby {asked[1]}")
        )
    managed = pinning.pinned(folder, "ruby")
    return pinning.known(folder, RUNTIME, ".".join(managed[0].split(".")[:2]), managed[1]) if managed else ("", [])


def _test(folder: Folder, gems: set[str], framework: str) -> Command:
    if any(re.fullmatch(r"spec/.*_spec\.rb", one) for one in folder.files):
        return ("bundle", "exec", "rspec")
    tests = any(re.fullmatch(r"test/.*(_test|test_\w+)\.rb", one) for one in folder.files)
    if tests and framework == "rails":
        return ("bundle", "exec", "rails", "test")
    if tests and "Rakefile" in folder.files:
        return ("bundle", "exec", "rake", "test") if gems else ("rake", "test")
    folder.warn(f"No tests were found in {folder.title}; its pipeline only builds.")
    return ()

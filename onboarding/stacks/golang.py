"""Go: the main package of a module. https://go.dev/ref/mod, https://go.dev/doc/modules/layout"""

import re

from onboarding.stacks import locked, pinning, serving
from onboarding.stacks.components import Component, Evidence, Grounds, Role
from onboarding.stacks.folder import Folder
from onboarding.stacks.runtimes import Runtime

FAMILY = "go"
MARKERS = ("go.mod", "go.work", "Gopkg.toml", "Gopkg.lock", "glide.yaml")
MANIFESTS = ("go.mod", "go.work", ".go-version", *pinning.MANIFESTS)
ENTRIES = ("main.go", "cmd/server/main.go", "cmd/api/main.go", "cmd/main.go")
ENDINGS = (".go",)
RUNTIME = Runtime(
    "Go",
    default="1.26",
    supported=("1.25", "1.26"),
    ended=tuple(f"1.{minor}" for minor in range(1, 25)),
    as_of="2026-11",  # https://go.dev/doc/devel/release
)
FRAMEWORKS = {
    "gin": "github.com/gin-gonic/gin", "echo": "github.com/labstack/echo", "fiber": "github.com/gofiber/fiber",
    "chi": "github.com/go-chi/chi", "gorilla": "github.com/gorilla/mux", "grpc": "google.golang.org/grpc",
    "beego": "github.com/beego/beego", "buffalo": "github.com/gobuffalo/buffalo",
}  # fmt: skip
_NEEDS = {
    "postgresql": ("github.com/lib/pq", "github.com/jackc/pgx", "gorm.io/driver/postgres"),
    "mysql": ("github.com/go-sql-driver/mysql", "gorm.io/driver/mysql"),
    "mongodb": ("go.mongodb.org/mongo-driver",),
    "redis": ("github.com/redis/go-redis", "github.com/go-redis/redis", "github.com/gomodule/redigo"),
    "kafka": ("github.com/segmentio/kafka-go", "github.com/IBM/sarama", "github.com/confluentinc/confluent-kafka-go"),
    "rabbitmq": ("github.com/rabbitmq/amqp091-go",),
    "nats": ("github.com/nats-io/nats.go",),
}
_PORTS = (
    r"Getenv\(\s*\"PORT\"\s*\)[\s\S]{0,120}?\"(?::|0\.0\.0\.0:)?(?P<port>\d{2,5})\"",
    r"(?:ListenAndServe|\.Run|\.Start|\.Listen|Listen)\(\s*(?:\"tcp\"\s*,\s*)?\"[\w.]*:(?P<port>\d{2,5})\"",
    r"\bAddr\s*:\s*\"[\w.]*:(?P<port>\d{2,5})\"",
)
_READ = r"(?:os\.Getenv|os\.LookupEnv)\(\s*\"(?P<name>[A-Z][A-Z0-9_]+)\"\s*\)(?P<default>(?!))?"
_OR = r"\b(?:getenv|getEnv|envOr|GetEnv|env)\w*\(\s*\"(?P<name>[A-Z][A-Z0-9_]+)\"\s*,\s*(?P<default>[^)\n]{1,80})\)"
_PROGRAMS = re.compile(r"\bgo\b|^(?:\./)?bin/[\w-]+|^[\w-]+$")
_METRICS = ("github.com/prometheus/client_golang", "github.com/zsais/go-gin-prometheus")


def read(folder: Folder, name: str) -> Component | None:
    """The module in this folder: a service where it has a main package, else a library."""
    module = folder.text("go.mod")
    marked = folder.has(*MARKERS, "Godeps/Godeps.json", "vendor/vendor.json")
    if not marked and "main.go" not in folder.files and not folder.ending(".go"):
        return None
    mains = _mains(folder)
    chosen = mains[0] if mains else None
    depends = set(re.findall(r"^[ \t]*(?:require\s+)?([\w.-]+\.[a-z]+/[\w./-]+)\s+v", module, re.MULTILINE))
    version, file, said = _version(folder, module)
    processed = serving.started_by_procfile(folder, _PROGRAMS)
    port, port_evidence = serving.port(folder, ENDINGS, _PORTS, processed[0] if processed else (), 8080)
    health, health_evidence = serving.health_path(folder, ENDINGS)
    metrics, metrics_evidence = serving.metrics_path(folder, ENDINGS, _bases(depends), _METRICS, "go.mod")
    lock = folder.has("go.sum")
    if depends and not lock:
        folder.warn(
            f"{folder.path('go.mod')} has requirements and go.sum is not committed: the build will refuse them."
        )
    replaced = set(re.findall(r"^[ \t]*(?:replace\s+)?(\S+)(?:\s+v\S+)?\s+=>", module, re.MULTILINE))
    locked.warn(folder, folder, lock if folder.workspace is None else "", depends - replaced, "go.mod")
    source = chosen or "go.mod"
    place = Evidence(folder.path(source), None, "is a main package") if chosen else None
    parent = (chosen or "").rpartition("/")[0]
    package = "./" + "/".join(one for one in (folder.inside, parent) if one) if folder.inside or parent else "."
    tested = f"./{folder.inside}/..." if folder.inside else "./..."
    program = _program(chosen, module, name)
    return Component(
        name=name,
        root=folder.root,
        family=FAMILY,
        language="Go",
        version=version,
        version_file=file,
        framework=next((one for one, path in FRAMEWORKS.items() if path in _bases(depends)), ""),
        package_manager="go modules" if module or folder.has("go.mod") else "",
        lock_file=lock,
        manifests=tuple(one for one in ("go.mod", "go.sum") if one in folder.files) if not folder.workspace else (),
        install=("go", "mod", "download") if depends else (),
        build=("go", "build", "-trimpath", "-o", program, package) if chosen else (),
        test=("go", "test", tested) if any(one.endswith("_test.go") for one in folder.files) else (),
        start=(f"./{program}",) if chosen else (),
        port=port,
        health_path=health,
        metrics_path=metrics,
        settings=serving.settings(folder, ENDINGS, _OR, _READ),
        evidence=(
            *((Evidence(folder.path(marked), None, "says that this is Go"),) if marked else ()),
            *said, *((place,) if place else ()), port_evidence, *health_evidence, *metrics_evidence,
        ),
        confidence="certain" if marked and len(mains) == 1 else "likely" if chosen else "guess",
        alternatives=tuple(f"the main package in {one.rpartition('/')[0] or 'the root'}" for one in mains[1:]),
        role=Role.SERVICE if chosen else Role.LIBRARY,
        grounds=Grounds.MANIFEST if marked else Grounds.SOURCES,
        workspace=folder.workspace.root if folder.workspace else None,
        needs=serving.needs(_bases(depends), _NEEDS),
    )  # fmt: skip


def _bases(depends: set[str]) -> set[str]:
    """Module paths without what follows the third part: `github.com/labstack/echo/v4` is echo."""
    return depends | {"/".join(one.split("/")[:3]) for one in depends}


def _mains(folder: Folder) -> list[str]:
    """Files of main packages, the likeliest service first."""

    def rank(path: str) -> tuple[int, int, str]:
        parent = path.rpartition("/")[0]
        last = parent.rpartition("/")[2]
        own = folder.root.rpartition("/")[2]
        order = ("server", "api", "web", "app", "service", own)
        return (0 if not parent else 1, order.index(last) if last in order else len(order), path)

    found = []
    for path in folder.files:
        if not path.endswith("/main.go") and path != "main.go":
            continue
        parts = path.split("/")[:-1]
        if len(parts) > 3 or any(
            one in ("example", "examples", "tools", "hack", "test", "scripts", "internal") for one in parts
        ):
            continue
        if folder.fetched(path) and not re.search(r"^package\s+main\b", folder.text(path), re.MULTILINE):
            continue
        found.append(path)
    if not found:  # the main function may lie in a file of any name
        found = [name for name, text in folder.sources(ENDINGS) if re.search(r"^func\s+main\(\)", text, re.MULTILINE)]
    return sorted(found, key=rank)


def _program(main: str | None, module: str, name: str) -> str:
    """What `go build` would call it."""
    parent = (main or "").rpartition("/")[0].rpartition("/")[2]
    path = re.search(r"^module\s+([\w./-]+)", module, re.MULTILINE)
    last = re.sub(r"/v\d+$", "", path[1]).rpartition("/")[2] if path else ""
    found = parent if parent not in ("", "cmd", "src") else last or name
    return found if re.fullmatch(r"[\w-]+", found) else name


def _version(folder: Folder, module: str) -> tuple[str, str, list[Evidence]]:
    """(version, the file that setup-go reads it of, evidence)."""
    pinned = pinning.file_version(folder, ".go-version")
    if pinned:
        return _short(pinned), ".go-version", [Evidence(folder.path(".go-version"), 1, f"asks for Go {pinned}")]
    asked = re.search(r"^(?:toolchain go|go )(\d+\.\d+)", module, re.MULTILINE)
    if asked:
        line = module.count("\n", 0, asked.start()) + 1
        newest = max(asked[1], RUNTIME.supported[0], key=lambda one: tuple(map(int, one.split("."))))
        return newest, "go.mod", [Evidence(folder.path("go.mod"), line, f"needs at least Go {asked[1]}")]
    managed = pinning.pinned(folder, "go", "golang")
    return (_short(managed[0]), "", [managed[1]]) if managed else ("", "", [])


def _short(version: str) -> str:
    return ".".join(version.split(".")[:2])

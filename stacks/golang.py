"""Go: the main package of a module. https://go.dev/ref/mod, https://go.dev/doc/modules/layout"""

import patterns
from stacks import golang_main, golang_serving, golang_version, lock_files, pinning, processes
from stacks.components import Component, Evidence, Grounds, Role
from stacks.family import Family
from stacks.folder import Folder
from stacks.golang_serving import ENDINGS
from stacks.lock_files import LockFile

MARKERS = ("go.mod", "go.work", "Gopkg.toml", "Gopkg.lock", "glide.yaml")
FRAMEWORKS = {
    "gin": "github.com/gin-gonic/gin", "echo": "github.com/labstack/echo", "fiber": "github.com/gofiber/fiber",
    "chi": "github.com/go-chi/chi", "gorilla": "github.com/gorilla/mux", "grpc": "google.golang.org/grpc",
    "beego": "github.com/beego/beego", "buffalo": "github.com/gobuffalo/buffalo",
}  # fmt: skip
_REQUIREMENT = patterns.repeated(
    r"^[ \t]{0,40}(?:require\s{1,40})?([\w.-]{1,200}\.[a-z]{1,40}/[\w./-]{1,300})\s{1,40}v", multiline=True
)
_REPLACEMENT = patterns.repeated(
    r"^[ \t]{0,40}(?:replace\s{1,40})?(\S{1,300})(?:\s{1,40}v\S{1,100})?\s{1,40}=>", multiline=True
)
_USES = patterns.compile(r"^use\s*\(([^)]*)\)", multiline=True)
_USE = patterns.repeated(r"^use\s{1,40}(\S{1,300})", multiline=True)
_PROGRAMS = patterns.compile(r"\bgo\b|^(?:\./)?bin/[\w-]+|^[\w-]+$")
_LOCK = LockFile(patterns.repeated(r"^(\S{1,300}) v", multiline=True), "go build", "go mod tidy")


def read(folder: Folder, name: str) -> Component | None:
    """The module in this folder: a service if it has a main package, or else a library."""
    marker = folder.has(*MARKERS, "Godeps/Godeps.json", "vendor/vendor.json")
    if not marker and "main.go" not in folder.files and not folder.top_files_ending(".go"):
        return None
    return _component(folder, name, marker)


def _component(folder: Folder, name: str, marker: str) -> Component:
    module = folder.text("go.mod")
    mains = golang_main.mains(folder)
    main = mains[0] if mains else ""
    depends = set(_REQUIREMENT.findall(module))
    modules = _modules(depends)
    version, version_file, version_evidence = golang_version.version(folder, module)
    declared = processes.declared_start(folder, _PROGRAMS)
    endpoints = golang_serving.endpoints(folder, modules, declared[0] if declared else ())
    _warn(folder, module, depends)
    program = golang_main.program_name(main, module, name)
    build = ("go", "build", "-trimpath", "-o", program, golang_main.package_path(folder, main))
    identified = [Evidence(folder.path(marker), None, "identifies this as Go")] if marker else []
    started = [Evidence(folder.path(main), None, "is a main package")] if main else []
    return Component(
        name=name,
        root=folder.root,
        family=FAMILY.name,
        language="Go",
        version=version,
        version_file=version_file,
        framework=next((framework for framework, path in FRAMEWORKS.items() if path in modules), ""),
        package_manager="go modules" if "go.mod" in folder.files else "",
        lock_file=folder.has("go.sum"),
        manifests=tuple(file for file in ("go.mod", "go.sum") if file in folder.files) if not folder.workspace else (),
        install=("go", "mod", "download") if depends else (),
        build=build if main else (),
        test=_test(folder),
        start=(f"./{program}",) if main else (),
        port=endpoints.port,
        health_path=endpoints.health_path,
        metrics_path=endpoints.metrics_path,
        settings=golang_serving.settings(folder),
        evidence=(*identified, *version_evidence, *started, *endpoints.evidence),
        confidence="certain" if marker and len(mains) == 1 else "likely" if main else "guess",
        alternatives=tuple(f"the main package in {other.rpartition('/')[0] or 'the root'}" for other in mains[1:]),
        role=Role.SERVICE if main else Role.LIBRARY,
        grounds=Grounds.MANIFEST if marker else Grounds.SOURCES,
        workspace=folder.workspace.root if folder.workspace else None,
        needs=golang_serving.needs(modules),
    )


def members(folder: Folder) -> list[str]:
    """The modules that go.work uses."""
    text = folder.text("go.work")
    block = _USES.search(text)
    modules = block[1].split() if block else _USE.findall(text)
    return [module.removeprefix("./") for module in modules]


def _modules(depends: set[str]) -> set[str]:
    """Also the paths without anything after the third part: `github.com/labstack/echo/v4` is echo."""
    return depends | {"/".join(path.split("/")[:3]) for path in depends}


def _warn(folder: Folder, module: str, depends: set[str]) -> None:
    if depends and "go.sum" not in folder.files:
        folder.warn(
            f"{folder.path('go.mod')} has requirements, but go.sum is not committed. The build will fail. "
            "Run go mod tidy and commit go.sum."
        )
    if folder.workspace is None:
        replaced = set(_REPLACEMENT.findall(module))
        lock_files.warn_if_stale(folder, folder, "go.sum", _LOCK, depends - replaced, "go.mod")


def _test(folder: Folder) -> tuple[str, ...]:
    packages = f"./{folder.inside}/..." if folder.inside else "./..."
    return ("go", "test", packages) if any(file.endswith("_test.go") for file in folder.files) else ()


FAMILY = Family(
    name="go",
    read=read,
    markers=MARKERS,
    manifests=("go.mod", "go.work", ".go-version", *pinning.MANIFESTS),
    entries=("main.go", "cmd/server/main.go", "cmd/api/main.go", "cmd/main.go"),
    endings=ENDINGS,
    lock_files={"go.sum": _LOCK},
    images=patterns.compile(r"(?:^|/)golang$"),
    members=members,
)

"""Languages that are recognised without being looked into: what a build of them leaves to be started, and no more.

A repository in one of them is told what it is, and gets its pipeline once it has a Dockerfile of its own.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from onboarding.stacks import pinning, serving
from onboarding.stacks.components import Command, Component, Evidence, Grounds
from onboarding.stacks.folder import Folder

Start = Callable[[Folder], Command]


def _nothing(folder: Folder) -> Command:
    return ()


@dataclass(frozen=True)
class Language:
    """A family by its files alone. `programs` are what a Procfile of it starts; `tools` its names at version managers."""

    FAMILY: str
    language: str
    MARKERS: tuple[str, ...]
    ENDINGS: tuple[str, ...] = ()
    ENTRIES: tuple[str, ...] = ()
    programs: str = r"(?!)"
    tools: tuple[str, ...] = ()
    start: Start = _nothing
    frameworks: tuple[tuple[str, str], ...] = ()
    """(name, what a manifest holds where it is used)."""
    alone: bool = False
    """Its sources alone tell it, wherever they lie."""
    made: bool = False
    """Its sources tell it where they lie beside a Makefile."""
    helper: bool = False
    """A marker of it may lie in a folder of another language, for a task of its own."""

    @property
    def MANIFESTS(self) -> tuple[str, ...]:
        return (*self.MARKERS, *pinning.MANIFESTS)

    def read(self, folder: Folder, name: str) -> Component | None:
        marker = self._marker(folder)
        source = next((one for one in self.ENTRIES if one in folder.files), "")
        if not source and self.alone:
            source = min((one for one in folder.files if one.endswith(self.ENDINGS)), default="")
        if not source and self.made and "Makefile" in folder.files:
            source = next(iter(folder.ending(*self.ENDINGS)), "")
        if not marker and not source:
            return None
        pinned = pinning.pinned(folder, *self.tools)
        processed = serving.started_by_procfile(folder, re.compile(self.programs))
        start = processed[0] if processed else self.start(folder)
        said = f"says that this is {self.language}" if marker else f"is {self.language}"
        evidence = [Evidence(folder.path(marker or source), None, said)]
        evidence += [pinned[1]] if pinned else []
        evidence += [processed[1]] if processed else []
        grounds = Grounds.MANIFEST if marker else Grounds.SOURCES
        grounds = Grounds.COMPANION if marker and self.helper and not folder.below(*self.ENDINGS) else grounds
        return Component(
            name=name,
            root=folder.root,
            family=self.FAMILY,
            language=self.language,
            version=pinned[0] if pinned else "",
            framework=next((one for one, sign in self.frameworks if sign in folder.text(marker)), ""),
            start=start,
            evidence=tuple(evidence),
            confidence="certain" if processed else "likely" if marker and start else "guess",
            grounds=Grounds.PROCESS if processed else grounds,
        )

    def _marker(self, folder: Folder) -> str:
        for one in self.MARKERS:
            found = folder.ending(one[1:]) if one.startswith("*") else [one] if one in folder.files else []
            if found:
                return found[0]
        return ""


def _named(manifest: str, pattern: str, start: Callable[[str], Command]) -> Start:
    """The program has the name that a manifest gives the project."""

    def found(folder: Folder) -> Command:
        name = re.search(pattern, folder.text(manifest), re.MULTILINE | re.IGNORECASE)
        return start(name[1]) if name else ()

    return found


def _gleam(folder: Folder) -> Command:
    return ("./build/erlang-shipment/entrypoint.sh", "run")


def _cpp(folder: Folder) -> Command:
    name = re.search(r"add_executable\(\s*([\w.-]+)", folder.text("CMakeLists.txt"))
    name = name or re.search(r"\bexecutable\(\s*'([\w.-]+)'", folder.text("meson.build"))
    return (f"build/{name[1]}",) if name else ()


def _clojure(folder: Folder) -> Command:
    if "project.clj" in folder.files:
        return ("sh", "-c", "exec java $JAVA_OPTS -jar target/*standalone.jar")
    return ("sh", "-c", "exec java $JAVA_OPTS -jar target/*.jar") if "build.clj" in folder.files else ()


def _scala(folder: Folder) -> Command:
    name = re.search(r"^[ \t]*(?:\w+\s*/\s*)?name\s*:=\s*\"([\w .-]+)\"", folder.text("build.sbt"), re.MULTILINE)
    slug = name[1].lower().replace(" ", "-") if name else ""
    return (f"target/universal/stage/bin/{slug}",) if slug and "project/plugins.sbt" in folder.files else ()


def _swift(folder: Folder) -> Command:
    name = re.search(r"\.executableTarget\(\s*name:\s*\"([\w.-]+)\"", folder.text("Package.swift"))
    runs = sorted(one.split("/")[1] for one in folder.files if re.fullmatch(r"Sources/[\w.-]+/main\.swift", one))
    program = name[1] if name else runs[0] if runs else ""
    return (f".build/release/{program}",) if program else ()


def _dart(folder: Folder) -> Command:
    programs = sorted(one for one in folder.files if re.fullmatch(r"bin/[\w.-]+\.dart", one))
    best = next((one for one in programs if one == "bin/server.dart"), programs[0] if programs else "")
    return (f"build/{best.removesuffix('.dart')}",) if best else ()


def _haskell(folder: Folder) -> Command:
    for name in folder.ending(".cabal", "package.yaml"):
        program = re.search(
            r"^executables?[ \t]+([\w.-]+)|^executables:[ \t]*\n[ \t]+([\w.-]+):", folder.text(name), re.M
        )
        if program:
            return (program[1] or program[2],)
    return ()


def _shell(folder: Folder) -> Command:
    shebang = re.match(r"#!\s*(?:/usr/bin/env\s+|\S*/)(\w+)", folder.text("start.sh") or folder.text("run.sh"))
    script = folder.has("start.sh", "run.sh")
    return (shebang[1] if shebang and shebang[1] in ("bash", "zsh", "dash", "ksh") else "sh", script) if script else ()


def _cobol(folder: Folder) -> Command:
    sources = sorted(one for one in folder.files if one.endswith((".cbl", ".cob", ".cobol")))
    main = next((one for one in sources if one.rpartition("/")[2].startswith("index.")), "")
    main = main or (sources[0] if len(sources) == 1 else "")
    return (f"./{main.rpartition('/')[2].rpartition('.')[0]}",) if main else ()


RECOGNISED: tuple[Language, ...] = (
    Language(
        "gleam", "Gleam", ("gleam.toml",), (".gleam",), (), r"\bgleam\b|erlang-shipment", ("gleam",), _gleam,
        (("wisp", "wisp"), ("mist", "mist")),
    ),
    Language("erlang", "Erlang", ("rebar.config", "erlang.mk"), (".erl",), (), r"\b(erl|rebar3)\b|/bin/\w+ (foreground|start)", ("erlang",)),
    Language(
        "clojure", "Clojure", ("project.clj", "deps.edn", "build.boot", "shadow-cljs.edn"), (".clj", ".cljc"), (),
        r"\b(java|lein|clojure|clj|node)\b", ("clojure", "leiningen"), _clojure,
        (("luminus", "luminus"), ("ring", "ring"), ("compojure", "compojure")),
    ),
    Language(
        "scala", "Scala", ("build.sbt", "build.sc", "build.mill"), (".scala", ".sc"), (),
        r"\b(sbt|scala)\b|target/universal", ("scala", "sbt"), _scala,
        (("play", "playframework"), ("play", "PlayScala"), ("akka", "akka"), ("http4s", "http4s"), ("zio", "zio")),
        alone=True,
    ),
    Language(
        "haskell", "Haskell", ("stack.yaml", "*.cabal", "cabal.project"), (".hs",), (), r"\b(stack|cabal)\b", ("ghc",), _haskell,
        (("yesod", "yesod"), ("servant", "servant"), ("scotty", "scotty")),
    ),
    Language(
        "swift", "Swift", ("Package.swift",), (".swift",), (), r"\bswift\b|\.build/", ("swift",), _swift,
        (("vapor", "vapor"), ("hummingbird", "hummingbird")),
    ),
    Language(
        "dart", "Dart", ("pubspec.yaml",), (".dart",), (), r"\bdart\b", ("dart",), _dart,
        (("flutter", "sdk: flutter"), ("shelf", "shelf")),
    ),
    Language(
        "crystal", "Crystal", ("shard.yml",), (".cr",), (), r"\bcrystal\b", ("crystal",),
        _named("shard.yml", r"^targets:[ \t]*\n[ \t]+([\w.-]+):", lambda name: (f"bin/{name}",)), (("kemal", "kemal"), ("lucky", "lucky")),
    ),
    Language(
        "zig", "Zig", ("build.zig", "build.zig.zon"), (".zig",), (), r"\bzig\b", ("zig",),
        _named("build.zig", r"addExecutable\([^)]*?\.name\s*=\s*\"([\w.-]+)\"", lambda name: (f"zig-out/bin/{name}",)),
    ),
    Language("nim", "Nim", ("*.nimble",), (".nim",), (), r"\bnim\b", ("nim",)),
    Language("ocaml", "OCaml", ("dune-project", "*.opam"), (".ml",), (), r"\b(dune|ocaml)\b", ("ocaml",)),
    Language("julia", "Julia", ("Manifest.toml", "JuliaProject.toml"), (".jl",), ("main.jl",), r"\bjulia\b", ("julia",)),
    Language("r", "R", ("renv.lock", "DESCRIPTION", "init.R", "r.yml", "*.Rproj"), (".R", ".r"), ("app.R", "server.R", "plumber.R", "run.R"), r"\bRscript\b|\bR\b", ("R",)),
    Language("perl", "Perl", ("cpanfile", "Makefile.PL", "Build.PL", "dist.ini"), (".pl", ".pm", ".psgi"), ("app.psgi", "app.pl", "index.pl"), r"\b(perl|plackup|starman|hypnotoad)\b", ("perl",), helper=True),
    Language("lua", "Lua", ("*.rockspec",), (".lua",), ("main.lua", "app.lua"), r"\b(lua|lapis)\b", ("lua",)),
    Language("racket", "Racket", ("info.rkt",), (".rkt",), ("main.rkt",), r"\bracket\b", ("racket",)),
    Language("scheme", "Scheme", ("haunt.scm",), (".scm", ".ss", ".sld"), ("init.scm", "main.scm"), r"\bguile\b", (), alone=True),
    Language("lisp", "Common Lisp", ("*.asd",), (".lisp", ".cl"), ("main.lisp",), r"\bsbcl\b"),
    Language("d", "D", ("dub.json", "dub.sdl"), (".d",), (), r"\bdub\b"),
    Language("v", "V", ("v.mod",), (".v",), (), r"\bv run\b"),
    Language("haxe", "Haxe", ("*.hxml",), (".hx",), ()),
    Language("fortran", "Fortran", ("fpm.toml",), (".f90", ".f95", ".f"), ("main.f90",), r"\bfpm\b", alone=True),
    Language("cobol", "COBOL", (), (".cbl", ".cob", ".cobol"), (), r"\bcobc\b", (), _cobol, alone=True),
    Language(
        "cpp", "C or C++", ("CMakeLists.txt", "meson.build", "configure.ac", "conanfile.txt", "conanfile.py", "vcpkg.json"),
        (".cc", ".cpp", ".cxx", ".c"), ("main.cpp", "main.cc", "main.c", "main.cxx"), r"(?!)", (), _cpp, (("drogon", "Drogon"), ("crow", "Crow"), ("oatpp", "oatpp")),
        helper=True, made=True,
    ),
    Language("shell", "a shell script", (), (".sh",), ("start.sh", "run.sh"), r"\b(sh|bash|zsh)\b|\.sh\b", (), _shell),
)  # fmt: skip
"""Those whose manifests can lie in a folder of another language come after it."""

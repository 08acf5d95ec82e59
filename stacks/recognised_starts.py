"""The program that the usual build of a language without a toolchain leaves in a folder: its start command."""

import patterns
from stacks.components import Command
from stacks.folder import Folder

_CRYSTAL = patterns.compile(r"^targets:[ \t]*\n[ \t]+([\w.-]+):", multiline=True, ignore_case=True)
_ZIG = patterns.compile(r"addExecutable\([^)]*?\.name\s*=\s*\"([\w.-]+)\"", ignore_case=True)
_CMAKE = patterns.compile(r"add_executable\(\s*([\w.-]+)")
_MESON = patterns.compile(r"\bexecutable\(\s*'([\w.-]+)'")
_SBT = patterns.compile(r"^[ \t]*(?:\w+\s*/\s*)?name\s*:=\s*\"([\w .-]+)\"", multiline=True)
_SWIFT = patterns.compile(r"\.executableTarget\(\s*name:\s*\"([\w.-]+)\"")
_SWIFT_MAIN = patterns.compile(r"Sources/[\w.-]+/main\.swift")
_DART_MAIN = patterns.compile(r"bin/[\w.-]+\.dart")
_HASKELL = patterns.compile(r"^executables?[ \t]+([\w.-]+)|^executables:[ \t]*\n[ \t]+([\w.-]+):", multiline=True)
_SHEBANG = patterns.compile(r"#!\s*(?:/usr/bin/env\s+|\S*/)(\w+)")


def gleam(folder: Folder) -> Command:
    return ("./build/erlang-shipment/entrypoint.sh", "run")


def crystal(folder: Folder) -> Command:
    name = _named(folder, "shard.yml", _CRYSTAL)
    return (f"bin/{name}",) if name else ()


def zig(folder: Folder) -> Command:
    name = _named(folder, "build.zig", _ZIG)
    return (f"zig-out/bin/{name}",) if name else ()


def cpp(folder: Folder) -> Command:
    name = _CMAKE.search(folder.text("CMakeLists.txt"))
    name = name or _MESON.search(folder.text("meson.build"))
    return (f"build/{name[1]}",) if name else ()


def clojure(folder: Folder) -> Command:
    if "project.clj" in folder.files:
        return ("sh", "-c", "exec java $JAVA_OPTS -jar target/*standalone.jar")
    return ("sh", "-c", "exec java $JAVA_OPTS -jar target/*.jar") if "build.clj" in folder.files else ()


def scala(folder: Folder) -> Command:
    name = _SBT.search(folder.text("build.sbt"))
    slug = name[1].lower().replace(" ", "-") if name else ""
    return (f"target/universal/stage/bin/{slug}",) if slug and "project/plugins.sbt" in folder.files else ()


def swift(folder: Folder) -> Command:
    name = _SWIFT.search(folder.text("Package.swift"))
    runs = sorted(
        path.split("/")[1] for path in folder.files if path.startswith("Sources/") and _SWIFT_MAIN.fullmatch(path)
    )
    program = name[1] if name else runs[0] if runs else ""
    return (f".build/release/{program}",) if program else ()


def dart(folder: Folder) -> Command:
    programs = sorted(path for path in folder.files if path.startswith("bin/") and _DART_MAIN.fullmatch(path))
    program = "bin/server.dart" if "bin/server.dart" in programs else next(iter(programs), "")
    return (f"build/{program.removesuffix('.dart')}",) if program else ()


def haskell(folder: Folder) -> Command:
    for name in folder.top_files_ending(".cabal", "package.yaml"):
        program = _HASKELL.search(folder.text(name))
        if program:
            return (program[1] or program[2],)
    return ()


def shell(folder: Folder) -> Command:
    shebang = _SHEBANG.match(folder.text("start.sh") or folder.text("run.sh"))
    script = folder.has("start.sh", "run.sh")
    return (shebang[1] if shebang and shebang[1] in ("bash", "zsh", "dash", "ksh") else "sh", script) if script else ()


def cobol(folder: Folder) -> Command:
    sources = sorted(path for path in folder.files if path.endswith((".cbl", ".cob", ".cobol")))
    main = next((path for path in sources if path.rpartition("/")[2].startswith("index.")), "")
    main = main or (sources[0] if len(sources) == 1 else "")
    return (f"./{main.rpartition('/')[2].rpartition('.')[0]}",) if main else ()


def _named(folder: Folder, manifest: str, pattern: patterns.Pattern) -> str:
    """The name of the program in a manifest, or an empty text."""
    name = pattern.search(folder.text(manifest))
    return name[1] if name else ""

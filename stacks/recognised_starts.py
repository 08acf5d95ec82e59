"""The program that the usual build of a language without a toolchain leaves in a folder: its start command."""

import re

from stacks.components import Command
from stacks.folder import Folder


def gleam(folder: Folder) -> Command:
    return ("./build/erlang-shipment/entrypoint.sh", "run")


def crystal(folder: Folder) -> Command:
    name = _named(folder, "shard.yml", r"^targets:[ \t]*\n[ \t]+([\w.-]+):")
    return (f"bin/{name}",) if name else ()


def zig(folder: Folder) -> Command:
    name = _named(folder, "build.zig", r"addExecutable\([^)]*?\.name\s*=\s*\"([\w.-]+)\"")
    return (f"zig-out/bin/{name}",) if name else ()


def cpp(folder: Folder) -> Command:
    name = re.search(r"add_executable\(\s*([\w.-]+)", folder.text("CMakeLists.txt"))
    name = name or re.search(r"\bexecutable\(\s*'([\w.-]+)'", folder.text("meson.build"))
    return (f"build/{name[1]}",) if name else ()


def clojure(folder: Folder) -> Command:
    if "project.clj" in folder.files:
        return ("sh", "-c", "exec java $JAVA_OPTS -jar target/*standalone.jar")
    return ("sh", "-c", "exec java $JAVA_OPTS -jar target/*.jar") if "build.clj" in folder.files else ()


def scala(folder: Folder) -> Command:
    name = re.search(r"^[ \t]*(?:\w+\s*/\s*)?name\s*:=\s*\"([\w .-]+)\"", folder.text("build.sbt"), re.MULTILINE)
    slug = name[1].lower().replace(" ", "-") if name else ""
    return (f"target/universal/stage/bin/{slug}",) if slug and "project/plugins.sbt" in folder.files else ()


def swift(folder: Folder) -> Command:
    name = re.search(r"\.executableTarget\(\s*name:\s*\"([\w.-]+)\"", folder.text("Package.swift"))
    runs = sorted(path.split("/")[1] for path in folder.files if re.fullmatch(r"Sources/[\w.-]+/main\.swift", path))
    program = name[1] if name else runs[0] if runs else ""
    return (f".build/release/{program}",) if program else ()


def dart(folder: Folder) -> Command:
    programs = sorted(path for path in folder.files if re.fullmatch(r"bin/[\w.-]+\.dart", path))
    program = "bin/server.dart" if "bin/server.dart" in programs else next(iter(programs), "")
    return (f"build/{program.removesuffix('.dart')}",) if program else ()


def haskell(folder: Folder) -> Command:
    for name in folder.top_files_ending(".cabal", "package.yaml"):
        program = re.search(
            r"^executables?[ \t]+([\w.-]+)|^executables:[ \t]*\n[ \t]+([\w.-]+):", folder.text(name), re.M
        )
        if program:
            return (program[1] or program[2],)
    return ()


def shell(folder: Folder) -> Command:
    shebang = re.match(r"#!\s*(?:/usr/bin/env\s+|\S*/)(\w+)", folder.text("start.sh") or folder.text("run.sh"))
    script = folder.has("start.sh", "run.sh")
    return (shebang[1] if shebang and shebang[1] in ("bash", "zsh", "dash", "ksh") else "sh", script) if script else ()


def cobol(folder: Folder) -> Command:
    sources = sorted(path for path in folder.files if path.endswith((".cbl", ".cob", ".cobol")))
    main = next((path for path in sources if path.rpartition("/")[2].startswith("index.")), "")
    main = main or (sources[0] if len(sources) == 1 else "")
    return (f"./{main.rpartition('/')[2].rpartition('.')[0]}",) if main else ()


def _named(folder: Folder, manifest: str, pattern: str) -> str:
    """The name of the program in a manifest, or an empty text."""
    name = re.search(pattern, folder.text(manifest), re.MULTILINE | re.IGNORECASE)
    return name[1] if name else ""

"""Languages that are recognised by their files only. There is no toolchain for them.

A plan names the language of such a repository. It gets a pipeline once it has a Dockerfile.
"""

from patterns import compile
from stacks import recognised_starts as starts
from stacks.family import Family
from stacks.recognised_language import Language

_LANGUAGES: tuple[Language, ...] = (
    Language(
        "gleam", "Gleam", ("gleam.toml",), (".gleam",),
        programs=compile(r"\bgleam\b|erlang-shipment"), tools=("gleam",), start=starts.gleam,
        frameworks=(("wisp", "wisp"), ("mist", "mist")),
    ),
    Language(
        "erlang", "Erlang", ("rebar.config", "erlang.mk"), (".erl",),
        programs=compile(r"\b(erl|rebar3)\b|/bin/\w+ (foreground|start)"), tools=("erlang",),
    ),
    Language(
        "clojure", "Clojure", ("project.clj", "deps.edn", "build.boot", "shadow-cljs.edn"), (".clj", ".cljc"),
        programs=compile(r"\b(java|lein|clojure|clj|node)\b"), tools=("clojure", "leiningen"), start=starts.clojure,
        frameworks=(("luminus", "luminus"), ("ring", "ring"), ("compojure", "compojure")), images=compile(r"(?:^|/)clojure$"),
    ),
    Language(
        "scala", "Scala", ("build.sbt", "build.sc", "build.mill"), (".scala", ".sc"),
        programs=compile(r"\b(sbt|scala)\b|target/universal"), tools=("scala", "sbt"), start=starts.scala,
        frameworks=(
            *(("play", "playframework"), ("play", "PlayScala")),
            *(("akka", "akka"), ("http4s", "http4s"), ("zio", "zio")),
        ),
        images=compile(r"(?:^|/)sbt|scala-sbt"), anywhere=True,
    ),
    Language(
        "haskell", "Haskell", ("stack.yaml", "*.cabal", "cabal.project"), (".hs",),
        programs=compile(r"\b(stack|cabal)\b"), tools=("ghc",), start=starts.haskell,
        frameworks=(("yesod", "yesod"), ("servant", "servant"), ("scotty", "scotty")), images=compile(r"(?:^|/)haskell$"),
    ),
    Language(
        "swift", "Swift", ("Package.swift",), (".swift",),
        programs=compile(r"\bswift\b|\.build/"), tools=("swift",), start=starts.swift,
        frameworks=(("vapor", "vapor"), ("hummingbird", "hummingbird")), images=compile(r"(?:^|/)swift$"),
    ),
    Language(
        "dart", "Dart", ("pubspec.yaml",), (".dart",), programs=compile(r"\bdart\b"), tools=("dart",), start=starts.dart,
        frameworks=(("flutter", "sdk: flutter"), ("shelf", "shelf")), images=compile(r"(?:^|/)dart$"),
    ),
    Language(
        "crystal", "Crystal", ("shard.yml",), (".cr",), programs=compile(r"\bcrystal\b"), tools=("crystal",),
        start=starts.crystal, frameworks=(("kemal", "kemal"), ("lucky", "lucky")),
    ),
    Language(
        "zig", "Zig", ("build.zig", "build.zig.zon"), (".zig",), programs=compile(r"\bzig\b"), tools=("zig",), start=starts.zig
    ),
    Language("nim", "Nim", ("*.nimble",), (".nim",), programs=compile(r"\bnim\b"), tools=("nim",)),
    Language("ocaml", "OCaml", ("dune-project", "*.opam"), (".ml",), programs=compile(r"\b(dune|ocaml)\b"), tools=("ocaml",)),
    Language(
        "julia", "Julia", ("Manifest.toml", "JuliaProject.toml"), (".jl",), ("main.jl",),
        programs=compile(r"\bjulia\b"), tools=("julia",),
    ),
    Language(
        "r", "R", ("renv.lock", "DESCRIPTION", "init.R", "r.yml", "*.Rproj"), (".R", ".r"),
        ("app.R", "server.R", "plumber.R", "run.R"), programs=compile(r"\bRscript\b|\bR\b"), tools=("R",),
    ),
    Language(
        "perl", "Perl", ("cpanfile", "Makefile.PL", "Build.PL", "dist.ini"), (".pl", ".pm", ".psgi"),
        ("app.psgi", "app.pl", "index.pl"), programs=compile(r"\b(perl|plackup|starman|hypnotoad)\b"), tools=("perl",),
        auxiliary=True, scripts=True,
    ),
    Language(
        "lua", "Lua", ("*.rockspec",), (".lua",), ("main.lua", "app.lua"), programs=compile(r"\b(lua|lapis)\b"), tools=("lua",)
    ),
    Language("racket", "Racket", ("info.rkt",), (".rkt",), ("main.rkt",), programs=compile(r"\bracket\b"), tools=("racket",)),
    Language(
        "scheme", "Scheme", ("haunt.scm",), (".scm", ".ss", ".sld"), ("init.scm", "main.scm"),
        programs=compile(r"\bguile\b"), anywhere=True,
    ),
    Language("lisp", "Common Lisp", ("*.asd",), (".lisp", ".cl"), ("main.lisp",), programs=compile(r"\bsbcl\b")),
    Language("d", "D", ("dub.json", "dub.sdl"), (".d",), programs=compile(r"\bdub\b")),
    Language("v", "V", ("v.mod",), (".v",), programs=compile(r"\bv run\b")),
    Language("haxe", "Haxe", ("*.hxml",), (".hx",)),
    Language(
        "fortran", "Fortran", ("fpm.toml",), (".f90", ".f95", ".f"), ("main.f90",), programs=compile(r"\bfpm\b"), anywhere=True
    ),
    Language(
        "cobol", "COBOL", (), (".cbl", ".cob", ".cobol"), programs=compile(r"\bcobc\b"), start=starts.cobol, anywhere=True
    ),
    Language(
        "cpp", "C or C++",
        ("CMakeLists.txt", "meson.build", "configure.ac", "conanfile.txt", "conanfile.py", "vcpkg.json"),
        (".cc", ".cpp", ".cxx", ".c"), ("main.cpp", "main.cc", "main.c", "main.cxx"), start=starts.cpp,
        frameworks=(("drogon", "Drogon"), ("crow", "Crow"), ("oatpp", "oatpp")), auxiliary=True, with_makefile=True,
    ),
    Language(
        "shell", "a shell script", (), (".sh",), ("start.sh", "run.sh"),
        programs=compile(r"\b(sh|bash|zsh)\b|\.sh\b"), start=starts.shell, scripts=True,
    ),
)  # fmt: skip
"""A language whose manifests can be in folders of another one comes after it."""

RECOGNISED: tuple[Family, ...] = tuple(language.family for language in _LANGUAGES)

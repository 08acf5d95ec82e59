"""Ruby: Rails, Rack or a script, installed by Bundler. https://bundler.io, https://github.com/rack/rack"""

from dataclasses import replace

import patterns
from stacks import pinning, processes, ruby_bundler, ruby_serving, ruby_start, ruby_version
from stacks.components import Command, Component, Evidence, Grounds, Role
from stacks.family import Family
from stacks.folder import Folder
from stacks.ruby_serving import ENDINGS

_TEST = patterns.compile(r"test/.*(_test|test_\w+)\.rb")
_PROGRAMS = patterns.compile(r"\b(ruby|bundle|rails|rackup|puma|unicorn|rake|thin|falcon|sidekiq|jekyll)\b|\.rb\b")


def read(folder: Folder, name: str) -> Component | None:
    """The Ruby service in this folder; a library if it is a gem."""
    manifest = folder.has("Gemfile", "gems.rb")
    gemspec = next(iter(folder.top_files_ending(".gemspec")), "")
    marker = manifest or folder.has("config.ru", ".ruby-version") or gemspec
    source = folder.has(*ruby_start.MAIN) or next(iter(folder.top_files_ending(".rb")), "")
    if not marker and not source:
        return None
    component = _component(folder, name, manifest, marker, bool(gemspec))
    identified = Evidence(folder.path(marker or source), None, "identifies this as Ruby")
    return replace(component, evidence=(identified, *component.evidence))


def _component(folder: Folder, name: str, manifest: str, marker: str, is_gem: bool) -> Component:
    gems = ruby_bundler.gems(folder, manifest)
    lock = folder.has("Gemfile.lock", "gems.locked")
    framework = ruby_start.framework(folder, gems)
    declared = processes.declared_start(folder, _PROGRAMS)
    start, start_evidence = declared or ruby_start.start(folder, gems, framework)
    version, version_file, version_evidence = ruby_version.version(folder, manifest)
    endpoints = ruby_serving.endpoints(folder, gems, start, framework, manifest)
    ruby_bundler.warn(folder, manifest, lock, gems)
    library = is_gem and not start
    rack_or_rails = framework == "rails" or "config.ru" in folder.files
    install = ("bundle", "install") if gems else ()
    return Component(
        name=name,
        root=folder.root,
        family=FAMILY.name,
        language="Ruby",
        version=version,
        version_file=version_file,
        framework=framework,
        package_manager="bundler" if manifest else "",
        lock_file=lock,
        manifests=ruby_bundler.manifests(folder, manifest, lock),
        install=install,
        install_production=install,
        build=_build(folder, framework),
        test=_test(folder, gems, framework),
        start=start,
        port=endpoints.port,
        health_path=endpoints.health_path,
        metrics_path=endpoints.metrics_path,
        settings=ruby_serving.settings(folder),
        evidence=(*version_evidence, *([start_evidence] if start_evidence else []), *endpoints.evidence),
        confidence="certain" if declared or rack_or_rails else "likely" if start and marker else "guess",
        alternatives=processes.others(folder),
        role=Role.LIBRARY if library else Role.SERVICE,
        grounds=_grounds(manifest, marker, declared=bool(declared), started=bool(start) or library),
        needs=ruby_serving.needs(gems),
    )


def _grounds(manifest: str, marker: str, *, declared: bool, started: bool) -> Grounds:
    """A Gemfile of a folder that is no gem and starts nothing may serve the tools of another language."""
    if manifest and not started:
        return Grounds.COMPANION
    return Grounds.PROCESS if declared else Grounds.MANIFEST if marker else Grounds.SOURCES


def _build(folder: Folder, framework: str) -> Command:
    assets = folder.contains(".scss", ".css", ".js") and "app/assets/config/manifest.js" in folder.files
    return ("bundle", "exec", "rails", "assets:precompile") if framework == "rails" and assets else ()


def _test(folder: Folder, gems: set[str], framework: str) -> Command:
    if any(file.startswith("spec/") and file.endswith("_spec.rb") for file in folder.files):
        return ("bundle", "exec", "rspec")
    tests = any(file.startswith("test/") and _TEST.fullmatch(file) for file in folder.files)
    if tests and framework == "rails":
        return ("bundle", "exec", "rails", "test")
    if tests and "Rakefile" in folder.files:
        return ("bundle", "exec", "rake", "test") if gems else ("rake", "test")
    folder.warn_no_tests()
    return ()


FAMILY = Family(
    name="ruby",
    read=read,
    markers=("Gemfile", "gems.rb", "config.ru", ".ruby-version", "*.gemspec"),
    manifests=("Gemfile", "gems.rb", ".ruby-version", *pinning.MANIFESTS, "*.gemspec"),
    entries=("config.ru", *ruby_start.MAIN, "config/puma.rb", "config/routes.rb"),
    endings=ENDINGS,
    lock_files=ruby_bundler.LOCK_FILES,
    images=patterns.compile(r"(?:^|/)ruby$"),
)

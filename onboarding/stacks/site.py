"""Files that a web server hands out as they are. https://developer.mozilla.org/docs/Learn_web_development/Howto/Tools_and_setup"""

import re

from onboarding.stacks.components import Component, Evidence, Grounds, Role
from onboarding.stacks.folder import Folder, as_text

FAMILY = "static"
MARKERS = ("Staticfile", "static.json", "hugo.toml", "hugo.yaml")
MANIFESTS = ("Staticfile", "static.json")
ENTRIES = ("index.html", "index.htm")
ENDINGS: tuple[str, ...] = ()
_PLACES = ("public", "site", "dist", "www", "html", "static", "htdocs", "build")
PORT = 8080


def read(folder: Folder, name: str) -> Component | None:
    """The site in this folder: its start page lies at the top, or in one of the usual folders below."""
    said = re.search(r"^root:\s*([\w./-]+)\s*$", folder.text("Staticfile"), re.MULTILINE)
    marked = folder.has("Staticfile", "static.json")
    if not marked and _hugo(folder):
        return _by_hugo(folder, name)
    output = said[1].strip("./") if said else _by_static_json(folder) or _output(folder)
    if not marked and not output:
        return None
    page = folder.has(*(f"{output}/{one}" if output != "." else one for one in ENTRIES))
    place = folder.path(marked or page)
    return Component(
        name=name,
        root=folder.root,
        family=FAMILY,
        language="HTML",
        port=PORT,
        role=Role.SITE,
        output=output or ".",
        evidence=(
            Evidence(place, None, f"is a site; {output if output not in ('', '.') else 'the folder'} is served"),
        ),
        confidence="certain" if marked else "likely",
        grounds=Grounds.MANIFEST if marked and "package.json" not in folder.files else Grounds.SOURCES,
    )


def _by_static_json(folder: Folder) -> str:
    """https://github.com/heroku/heroku-buildpack-static#configuration"""
    if "static.json" not in folder.files:
        return ""
    return (as_text(folder.json("static.json").get("root")) or "public_html").strip("./")


def _hugo(folder: Folder) -> str:
    """Hugo's configuration. https://gohugo.io/configuration/introduction/"""
    named = folder.has("hugo.toml", "hugo.yaml", "hugo.json")
    older = folder.has("config.toml", "config.yaml")
    holds = {one.partition("/")[0] for one in folder.files}
    return named or (older if older and "content" in holds and holds & {"archetypes", "layouts", "themes"} else "")


def _by_hugo(folder: Folder, name: str) -> Component:
    shown = Evidence(folder.path(_hugo(folder)), None, "is a site that Hugo makes; public/ is served")
    return Component(
        name=name, root=folder.root, family=FAMILY, language="HTML", framework="hugo", port=PORT, role=Role.SITE, output="public",
        build=("hugo", "--minify"), evidence=(shown,), confidence="certain", grounds=Grounds.MANIFEST,
    )  # fmt: skip


def _output(folder: Folder) -> str:
    """The folder with the start page, `.` for the top; nothing where there is none."""
    if folder.has(*ENTRIES):
        return "."
    return next((place for place in _PLACES if folder.has(*(f"{place}/{one}" for one in ENTRIES))), "")

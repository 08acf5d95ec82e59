"""Static sites: files that a web server serves as they are, or after Hugo has built them.

https://developer.mozilla.org/docs/Learn_web_development/Howto/Tools_and_setup
"""

import patterns
from stacks.components import Component, Evidence, Grounds, Role
from stacks.family import Family
from stacks.folder import Folder
from stacks.values import as_text

_INDEX = ("index.html", "index.htm")
_PLACES = ("public", "site", "dist", "www", "html", "static", "htdocs", "build")
PORT = 8080
_ROOT = patterns.compile(r"^root:\s*([\w./-]+)\s*$", multiline=True)


def read(folder: Folder, name: str) -> Component | None:
    """The site in this folder. Its start page is directly in it, or in one of the usual folders."""
    marked = folder.has("Staticfile", "static.json")
    if not marked and _hugo(folder):
        return _hugo_site(folder, name)
    declared = _ROOT.search(folder.text("Staticfile"))
    output = declared[1].strip("./") if declared else _static_json_root(folder) or _output(folder)
    if not marked and not output:
        return None
    page = folder.has(*(f"{output}/{index}" if output != "." else index for index in _INDEX))
    served = f"{output}/" if output not in ("", ".") else "the folder"
    return Component(
        name=name,
        root=folder.root,
        family=FAMILY.name,
        language="HTML",
        port=PORT,
        role=Role.SITE,
        output=output or ".",
        evidence=(Evidence(folder.path(marked or page), None, f"is a static site; {served} is served"),),
        confidence="certain" if marked else "likely",
        grounds=Grounds.MANIFEST if marked and "package.json" not in folder.files else Grounds.SOURCES,
    )


def _static_json_root(folder: Folder) -> str:
    """https://github.com/heroku/heroku-buildpack-static#configuration"""
    if "static.json" not in folder.files:
        return ""
    return (as_text(folder.json("static.json").get("root")) or "public_html").strip("./")


def _hugo(folder: Folder) -> str:
    """The configuration file of Hugo, or an empty text. https://gohugo.io/configuration/introduction/"""
    named = folder.has("hugo.toml", "hugo.yaml", "hugo.json")
    older = folder.has("config.toml", "config.yaml")
    folders = {path.partition("/")[0] for path in folder.files}
    return named or (older if older and "content" in folders and folders & {"archetypes", "layouts", "themes"} else "")


def _hugo_site(folder: Folder, name: str) -> Component:
    return Component(
        name=name,
        root=folder.root,
        family=FAMILY.name,
        language="HTML",
        framework="hugo",
        port=PORT,
        role=Role.SITE,
        output="public",
        build=("hugo", "--minify"),
        evidence=(Evidence(folder.path(_hugo(folder)), None, "is a site that Hugo builds; public/ is served"),),
        confidence="certain",
        grounds=Grounds.MANIFEST,
    )


def _output(folder: Folder) -> str:
    """The folder with the start page, `.` for this folder itself; empty if there is none."""
    if folder.has(*_INDEX):
        return "."
    return next((place for place in _PLACES if folder.has(*(f"{place}/{index}" for index in _INDEX))), "")


FAMILY = Family(
    name="static",
    read=read,
    markers=("Staticfile", "static.json", "hugo.toml", "hugo.yaml"),
    manifests=("Staticfile", "static.json"),
    entries=_INDEX,
)

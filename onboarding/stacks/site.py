"""Files that a web server hands out as they are. https://developer.mozilla.org/docs/Learn_web_development/Howto/Tools_and_setup"""

import re

from onboarding.stacks.components import Component, Evidence, Grounds, Role
from onboarding.stacks.folder import Folder

FAMILY = "static"
MARKERS = ("Staticfile",)
MANIFESTS = ("Staticfile", "hugo.toml", "hugo.yaml", "mkdocs.yml")
ENTRIES = ("index.html", "index.htm")
ENDINGS: tuple[str, ...] = ()
_PLACES = ("public", "site", "dist", "www", "html", "static", "htdocs", "build")
PORT = 8080


def read(folder: Folder, name: str) -> Component | None:
    """The site in this folder: its start page lies at the top, or in one of the usual folders below."""
    said = re.search(r"^root:\s*([\w./-]+)\s*$", folder.text("Staticfile"), re.MULTILINE)
    marked = "Staticfile" in folder.files
    output = said[1].strip("./") if said else _output(folder)
    if not marked and not output:
        return None
    page = folder.has(*(f"{output}/{one}" if output != "." else one for one in ENTRIES))
    place = folder.path("Staticfile" if marked else page)
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


def _output(folder: Folder) -> str:
    """The folder with the start page, `.` for the top; nothing where there is none."""
    if folder.has(*ENTRIES):
        return "."
    return next((place for place in _PLACES if folder.has(*(f"{place}/{one}" for one in ENTRIES))), "")

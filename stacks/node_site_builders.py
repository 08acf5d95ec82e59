"""Site builders, and the folder that each of them leaves for a web server."""

import patterns
from stacks.folder import Folder
from stacks.values import as_table, as_text

BUILDERS = {
    "vite": "dist",
    "react-scripts": "build",
    "@vue/cli-service": "dist",
    "gatsby": "public",
    "parcel": "dist",
    "@docusaurus/core": "build",
    "expo": "dist",
    "@angular/core": "dist",
    "astro": "dist",
    "vitepress": ".vitepress/dist",
    "@11ty/eleventy": "_site",
    "preact-cli": "build",
    "webpack": "dist",
}
"""Site builders → the folder that they leave."""
_OUT_DIR = patterns.compile(r"\boutDir\s*:\s*[\"']([\w./-]+)[\"']")


def output(folder: Folder, builder: str) -> str:
    match builder:
        case "@angular/core":
            return _angular_output(folder)
        case "vite":
            text = folder.text("vite.config.ts") or folder.text("vite.config.js")
            configured = _OUT_DIR.search(text)
            if configured and not configured[1].startswith(".."):
                return configured[1].removeprefix("./").rstrip("/")
    return BUILDERS[builder]


def _angular_output(folder: Folder) -> str:
    """https://angular.dev/reference/configs/workspace-config; the newer builder adds `browser/`."""
    projects = as_table(folder.json("angular.json").get("projects"))
    name = next((name for name in projects if isinstance(name, str)), "")
    build = as_table(as_table(as_table(projects.get(name)).get("architect")).get("build"))
    configured = as_text(as_table(build.get("options")).get("outputPath"))
    output = configured or (f"dist/{name}" if name else "dist")
    return f"{output}/browser" if "application" in as_text(build.get("builder")) or not configured else output

"""Node's frameworks, and the start command of those whose build is started in only one way."""

from collections.abc import Mapping
from typing import Any

from stacks import node_exports
from stacks.components import Command, Evidence
from stacks.folder import Folder

FRAMEWORKS = (
    *("next", "nuxt", "@nestjs/core", "@remix-run/serve", "@react-router/serve", "@sveltejs/kit", "astro"),
    "@tanstack/react-start",
    *("express", "fastify", "koa", "@hapi/hapi", "hono", "@adonisjs/core", "restify", "@apollo/server", "socket.io"),
    *("polka", "sails"),
)


_NITRO = ("node", ".output/server/index.mjs")
_SRVX = ("npx", "srvx", "--prod", "-s", "../client", "dist/server/server.js")
"""https://tanstack.com/start/latest/docs/framework/react/guide/hosting"""


def start(folder: Folder, depends: Mapping[str, Any], path: str) -> tuple[Command, Evidence, str] | None:
    """(command, evidence, confidence) of the first framework that serves, or None. `path` is that of the manifest."""
    package, command = _first(folder, depends)
    if package == "@sveltejs/kit":
        folder.warn(
            f"{path} names no SvelteKit adapter that serves. Add @sveltejs/adapter-node, "
            "or @sveltejs/adapter-static for a static site."
        )
    if not command:
        return None
    return command, Evidence(path, None, f"depends on {package}"), "guess" if package == "@sveltejs/kit" else "likely"


def _first(folder: Folder, depends: Mapping[str, Any]) -> tuple[str, Command]:
    """(package, command) of the first framework that serves; empty without one."""
    if "next" in depends and not node_exports.exports(folder):
        return "next", ("npx", "next", "start")
    if "nuxt" in depends:
        return "nuxt", _NITRO
    if "@sveltejs/kit" in depends:
        if "@sveltejs/adapter-node" in depends or "adapter-node" in folder.text("svelte.config.js"):
            return "@sveltejs/adapter-node", ("node", "build")
        if "@sveltejs/adapter-static" not in depends:
            return "@sveltejs/kit", ("node", "build")
    if "astro" in depends and "@astrojs/node" in depends:
        return "@astrojs/node", ("node", "./dist/server/entry.mjs")
    if "@nestjs/core" in depends:
        return "@nestjs/core", ("node", "dist/main")
    if "@remix-run/serve" in depends:
        return "@remix-run/serve", ("npx", "remix-serve", "build/server/index.js")
    if "@react-router/serve" in depends and not node_exports.has_ssr_disabled(folder):
        return "@react-router/serve", ("npx", "react-router-serve", "build/server/index.js")
    for package in ("@tanstack/react-start", "@tanstack/solid-start"):
        if package in depends:
            return package, _NITRO if "nitro" in depends else _SRVX
    return "", ()

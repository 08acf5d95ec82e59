"""The port, the paths and the variables of a .NET service, from its sources, and the servers that it needs."""

from collections.abc import Collection

import patterns
from stacks import serving
from stacks.components import Setting
from stacks.folder import Folder
from stacks.serving import Endpoints

ENDINGS = (".cs", ".fs", ".vb")
PORT = 8080  # what Microsoft's images listen on since .NET 8
_READ = patterns.repeated(
    r"Environment\.GetEnvironmentVariable\(\s{0,40}\"(?P<name>[A-Z][A-Z0-9_]{1,100})\"\s{0,40}\)"
    r"(?:\s{0,40}\?\?\s{0,40}(?P<default>[^;)\n]{1,80}))?"
)
_NEEDS = {
    "postgresql": ("Npgsql", "Npgsql.EntityFrameworkCore.PostgreSQL"),
    "redis": ("StackExchange.Redis",),
    "kafka": ("Confluent.Kafka",),
    "mysql": ("MySql.Data", "MySqlConnector", "Pomelo.EntityFrameworkCore.MySql"),
    "mongodb": ("MongoDB.Driver",),
    "rabbitmq": ("RabbitMQ.Client",),
    "sqlserver": ("Microsoft.Data.SqlClient", "Microsoft.EntityFrameworkCore.SqlServer"),
}
_METRICS = ("prometheus-net.AspNetCore", "OpenTelemetry.Exporter.Prometheus.AspNetCore")


def endpoints(folder: Folder, packages: Collection[str], project: str) -> Endpoints:
    return serving.endpoints(
        serving.port(folder, ENDINGS, (), (), PORT),
        serving.health_path(folder, ENDINGS),
        serving.metrics_path(folder, ENDINGS, packages, _METRICS, project),
    )


def settings(folder: Folder) -> tuple[Setting, ...]:
    return serving.settings(folder, ENDINGS, _READ)


def needs(packages: Collection[str]) -> tuple[str, ...]:
    return serving.needs(packages, _NEEDS)

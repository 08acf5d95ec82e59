"""The port, the paths and the variables of a Go service, from its sources, and the servers that it needs."""

from collections.abc import Collection

import patterns
from stacks import serving
from stacks.components import Command, Setting
from stacks.folder import Folder
from stacks.serving import Endpoints

ENDINGS = (".go",)
_NEEDS = {
    "postgresql": ("github.com/lib/pq", "github.com/jackc/pgx", "gorm.io/driver/postgres"),
    "mysql": ("github.com/go-sql-driver/mysql", "gorm.io/driver/mysql"),
    "mongodb": ("go.mongodb.org/mongo-driver",),
    "redis": ("github.com/redis/go-redis", "github.com/go-redis/redis", "github.com/gomodule/redigo"),
    "kafka": ("github.com/segmentio/kafka-go", "github.com/IBM/sarama", "github.com/confluentinc/confluent-kafka-go"),
    "rabbitmq": ("github.com/rabbitmq/amqp091-go",),
    "nats": ("github.com/nats-io/nats.go",),
}
_PORTS = tuple(
    patterns.compile(port, multiline=True)
    for port in (
        r"Getenv\(\s*\"PORT\"\s*\)[\s\S]{0,120}?\"(?::|0\.0\.0\.0:)?(?P<port>\d{2,5})\"",
        r"(?:ListenAndServe|\.Run|\.Start|\.Listen|Listen)\(\s*(?:\"tcp\"\s*,\s*)?\"[\w.]*:(?P<port>\d{2,5})\"",
        r"\bAddr\s*:\s*\"[\w.]*:(?P<port>\d{2,5})\"",
    )
)
_READ = patterns.repeated(r"(?:os\.Getenv|os\.LookupEnv)\(\s{0,40}\"(?P<name>[A-Z][A-Z0-9_]{1,100})\"\s{0,40}\)")
_READ_WITH_DEFAULT = patterns.repeated(
    r"\b(?:getenv|getEnv|envOr|GetEnv|env)\w{0,40}\(\s{0,40}\"(?P<name>[A-Z][A-Z0-9_]{1,100})\"\s{0,40},"
    r"\s{0,40}(?P<default>[^)\n]{1,80})\)"
)
_METRICS = ("github.com/prometheus/client_golang", "github.com/zsais/go-gin-prometheus")


def endpoints(folder: Folder, modules: Collection[str], start: Command) -> Endpoints:
    return serving.endpoints(
        serving.port(folder, ENDINGS, _PORTS, start, 8080),
        serving.health_path(folder, ENDINGS),
        serving.metrics_path(folder, ENDINGS, modules, _METRICS, "go.mod"),
    )


def settings(folder: Folder) -> tuple[Setting, ...]:
    return serving.settings(folder, ENDINGS, _READ_WITH_DEFAULT, _READ)


def needs(depends: Collection[str]) -> tuple[str, ...]:
    return serving.needs(depends, _NEEDS)

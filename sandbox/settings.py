"""Settings of the sandbox: a simulated outside world in one process, with its own port and data folder.

It serves only the loopback, so its secrets are constants that the README can print.
"""

import os
from pathlib import Path

DATA = Path(os.environ.get("SANDBOX_DATA", "var/sandbox")).resolve()
PORT = int(os.environ.get("SANDBOX_PORT", "8801"))
BASE_URL = f"http://127.0.0.1:{PORT}"
# Whether CI and the cluster's reconciler run in the background. Some tests switch them off.
BACKGROUND = os.environ.get("SANDBOX_BACKGROUND", "1") == "1"
# The number of concurrent CI jobs; deploy jobs mostly wait.
JOBS_AT_ONCE = int(os.environ.get("SANDBOX_JOBS_AT_ONCE", "2"))

SECRET_KEY = "the sandbox keeps no secrets"  # noqa: S105 - it listens on the loopback and holds simulated data
DEBUG = False
ALLOWED_HOSTS = ["127.0.0.1", "localhost", ".localhost"]
ROOT_URLCONF = "sandbox.urls"
INSTALLED_APPS = [
    "sandbox.world",  # request log, fault injection, the sandbox's own pages, the cast of people
    "sandbox.github",  # repositories, OAuth, webhooks, CI
    "sandbox.registry",  # the images that CI pushes
    "sandbox.kubernetes",  # the cluster: API objects and running processes
    "sandbox.jira",
    "sandbox.observability",  # Prometheus and Elasticsearch
    "sandbox.messages",  # chat and mailbox
]
MIDDLEWARE = [
    "django.middleware.common.CommonMiddleware",  # sets Content-Length, so that connections are kept alive
    "sandbox.world.middleware.RequestLog",
    "sandbox.world.middleware.FaultInjection",
    "sandbox.kubernetes.ingress.Ingress",  # routes {application}.{namespace}.localhost to the running process
]
if os.environ.get("ONRAMP_EXCHANGES"):
    MIDDLEWARE.append("sandbox.world.exchanges.ExchangeRecorder")
TEMPLATES = [{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}]
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": DATA / "sandbox.sqlite3",
        "OPTIONS": {
            "timeout": 20,
            "transaction_mode": "IMMEDIATE",
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
        },
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
TIME_ZONE = "UTC"
APPEND_SLASH = False
DATA_UPLOAD_MAX_MEMORY_SIZE = None
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s sandbox %(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "INFO"},
    "loggers": {
        "django.server": {"level": "CRITICAL"},  # the request log has every response
        "django.request": {"level": "ERROR"},
        "mail.log": {"level": "WARNING"},
    },
}

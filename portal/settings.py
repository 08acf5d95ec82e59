"""Settings, all from the environment; `portal.environment` says what each variable is for."""

import os
from pathlib import Path

import dj_database_url
from csp.constants import NONE, SELF

from portal import environment

ROOT = Path(__file__).resolve().parent.parent
ENV = environment.read()

SECRET_KEY = ENV.secret_key
DEBUG = False
ALLOWED_HOSTS = [ENV.host, "127.0.0.1", "localhost"] if ENV.onramp_demo else [ENV.host]
CSRF_TRUSTED_ORIGINS = [ENV.origin]
ROOT_URLCONF = "portal.urls"
WSGI_APPLICATION = "portal.wsgi.application"
AUTH_USER_MODEL = "catalog.Person"

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "whitenoise.runserver_nostatic",  # the same files in development as in production
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.github",
    "csp",
    "django_htmx",
    "template_partials",
    "integrations",
    "catalog",
    "events",
    "engine",
    "onboarding",
    "dashboard",
    "portal",
]
MIDDLEWARE = [
    "portal.outbound.Outbound",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "portal.inbound.Inbound",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "portal.limited.Limited",
    "portal.signin.SignInParameters",
    "portal.signin.SignInRequired",
    "portal.sessions.SeenDevices",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [ROOT / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "portal.context.site",
            ],
        },
    }
]
DATABASES = {"default": dj_database_url.parse(ENV.database_url, conn_max_age=60, conn_health_checks=True)}
# The handwritten statements are planned once per connection; the ORM binds on the client and is not affected.
DATABASES["default"].setdefault("OPTIONS", {})["prepare_threshold"] = 1
# A process that stops inside a transaction would block every other worker of the same run; no transaction of ours waits
# for anything outside.
# PGOPTIONS comes last and wins: without it here, libpq would ignore the variable.
_OPTIONS = f"-c idle_in_transaction_session_timeout=30s {os.environ.get('PGOPTIONS', '')}".strip()
DATABASES["default"]["OPTIONS"].setdefault("options", _OPTIONS)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
SESSION_ENGINE = "portal.sessions"

AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
LOGIN_URL = "sign_in"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "home"
ACCOUNT_ADAPTER = "portal.signin.AccountAdapter"
ACCOUNT_EMAIL_VERIFICATION = "none"  # the source host has verified it
SOCIALACCOUNT_ADAPTER = "portal.signin.SocialAccountAdapter"
SOCIALACCOUNT_ONLY = True  # no passwords of our own
SOCIALACCOUNT_LOGIN_ON_GET = False
SOCIALACCOUNT_STORE_TOKENS = False
SOCIALACCOUNT_PROVIDERS = {
    "github": {
        "SCOPE": ["read:user", "user:email"],
        "APPS": [{"client_id": ENV.portal_signin_client_id, "secret": ENV.portal_signin_client_secret, "key": ""}],
        **({"GITHUB_URL": ENV.portal_signin_url} if ENV.portal_signin_url else {}),
    }
}

FORCE_SCRIPT_NAME = ENV.path_prefix or None
STATIC_URL = "static/"
STATIC_ROOT = ROOT / "static_collected"
STATICFILES_DIRS = [ROOT / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = ENV.onramp_demo
WHITENOISE_MANIFEST_STRICT = False

USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en"

EMAIL_BACKEND = "integrations.chat.smtp.EmailBackend"
EMAIL_HOST = ENV.email_host
EMAIL_PORT = ENV.email_port
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = ENV.email_from

# The demo speaks plain http on the loopback, where browsers refuse `__Host-` and Secure cookies.
SESSION_COOKIE_NAME = "__Host-session" if ENV.secure else "onramp-session"
CSRF_COOKIE_NAME = "__Host-csrf" if ENV.secure else "onramp-csrf"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = ENV.secure
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SECURE_SSL_REDIRECT = ENV.secure
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if ENV.secure else None
SECURE_HSTS_SECONDS = 31536000 if ENV.secure else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = ENV.secure
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [
            SELF,
            *(
                [ENV.portal_signin_url.split("/", 3)[0] + "//" + ENV.portal_signin_url.split("/", 3)[2]]
                if ENV.portal_signin_url
                else ["https://github.com"]
            ),
        ],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}

# Celery carries notifications; PostgreSQL decides. No results, no late acknowledgement, no retries by the broker.
CELERY_BROKER_URL = ENV.redis_url
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {"socket_timeout": 2, "socket_connect_timeout": 1, "health_check_interval": 25}
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = False
CELERY_TASK_PUBLISH_RETRY = False
CELERY_TASK_TIME_LIMIT = 300  # a hung step is killed; its lease then expires
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 25
CELERY_WORKER_HIJACK_ROOT_LOGGER = False

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"redact": {"()": "portal.logs.Redact"}, "run": {"()": "portal.logs.Run"}},
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s run=%(run)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["run", "redact"]}},
    "root": {"handlers": ["console"], "level": "INFO"},
}

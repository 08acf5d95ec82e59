"""The web process."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")

from portal import preload, production, tracing

production.refuse()
tracing.connect_web()
application = get_wsgi_application()

import readers  # noqa: E402
from integrations import throttle  # noqa: E402 - the apps are loaded only now

throttle.connect()
readers.POOL.warm()
preload.load()

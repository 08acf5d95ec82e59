"""The product's settings for pytest. Whatever the environment leaves out gets a value, so a single test runs from any editor.

pytest-django reads the settings before it loads any conftest.py, so the values are set here.
"""

import os

os.environ.setdefault("DATABASE_URL", "postgresql://onramp@127.0.0.1:5432/onramp")
os.environ.setdefault("REDIS_URL", "redis://127.0.0.1:6379/0")
os.environ.setdefault("SECRET_KEY", "only for the tests: 0123456789012345678901234567890123456789")
os.environ.setdefault("ONRAMP_DEMO", "1")
os.environ.setdefault("PORTAL_URL", "http://127.0.0.1:8800")
# The tests are one person at one address, and do in a minute what people do in weeks.
os.environ.setdefault("PORTAL_LIMIT_SIGN_INS", "100000/minute")
os.environ.setdefault("PORTAL_LIMIT_WRONG_TOKENS", "100000/minute")
os.environ.setdefault("PORTAL_LIMIT_ADDRESSES", "100000/minute")
os.environ.setdefault("PORTAL_LIMIT_PLANS", "100000/minute")
os.environ.setdefault("PORTAL_LIMIT_RUNS", "100000/minute")

from portal.settings import *  # noqa: F403

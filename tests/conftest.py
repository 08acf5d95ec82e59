"""Settings of the tests, and the fixed cast: Alice owns, Bob is on the team, Charlie must not see, Pat is the platform."""

import os

os.environ.setdefault("DATABASE_URL", "postgresql://onramp@127.0.0.1:5432/onramp")
os.environ.setdefault("REDIS_URL", "redis://127.0.0.1:6379/0")
os.environ.setdefault("SECRET_KEY", "only for the tests: 0123456789012345678901234567890123456789")
os.environ.setdefault("ONRAMP_DEMO", "1")
os.environ.setdefault("PORTAL_URL", "http://127.0.0.1:8800")

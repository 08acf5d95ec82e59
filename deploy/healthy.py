"""Exits with 0 while this container's web process is healthy; for `compose.yaml`, whose health checks are commands.

It sends the headers that the proxy in front would send, because the site only answers to its own name and to https.
"""

import os
import sys
from http.client import HTTPConnection
from urllib.parse import urlsplit


def main() -> int:
    connection = HTTPConnection("127.0.0.1", int(os.environ.get("PORT", "8800")), timeout=5)
    host = urlsplit(os.environ["PORTAL_URL"]).netloc
    connection.request("GET", "/healthz", headers={"Host": host, "X-Forwarded-Proto": "https"})
    return 0 if connection.getresponse().status == 200 else 1


if __name__ == "__main__":
    sys.exit(main())

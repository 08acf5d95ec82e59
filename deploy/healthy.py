"""Exit status 0 while this container's web process says that it is well; for `compose.yaml`, whose checks are commands.

It asks as the proxy in front would, because the site answers to its own name and to https alone.
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

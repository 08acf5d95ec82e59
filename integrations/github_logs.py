"""The end of a job's log, from the storage that GitHub redirects to. It must not see our token.

A log can have gigabytes, and its last lines say why the job failed. Storage is first asked for one byte, which tells the
log's size, because not every storage knows ranges that are counted from the end.
https://learn.microsoft.com/en-us/rest/api/storageservices/specifying-the-range-header-for-blob-service-operations
"""

import requests

import patterns
from database.storable import storable
from integrations import http
from integrations.errors import Invalid, from_status
from integrations.github_requester import PROVIDER

PARTIAL, NO_SUCH_RANGE = 206, 416
_SIZE = patterns.compile(r"bytes 0-0/(\d{1,18})")
"""Content-Range of the first byte. RFC 9110, 14.4."""


def end_of_log(session: requests.Session, url: str) -> str:
    """The last `http.LOG.kept` bytes of the log at this address, as text.

    Raises IntegrationError, also for a large log where the storage knows no ranges.
    """
    first = _get(session, url, http.STATUS, "bytes=0-0")
    if first.status_code == NO_SUCH_RANGE:
        return ""
    size = _SIZE.fullmatch(first.headers.get("Content-Range", ""))
    start = max(0, int(size[1]) - http.LOG.kept) if size and first.status_code == PARTIAL else 0
    text = _get(session, url, http.LOG, f"bytes={start}-").content.decode(errors="replace")
    return storable(text)


def _get(session: requests.Session, url: str, kind: http.Kind, span: str) -> requests.Response:
    """Without compression, because a part of a compressed log cannot be decompressed."""
    headers = {"Range": span, "Accept-Encoding": "identity"}
    try:
        with http.expecting(kind):
            response = session.get(url, headers=headers, allow_redirects=False)
    except requests.RequestException as error:  # no request was sent
        raise Invalid(PROVIDER, f"the log's address cannot be read: {url}", detail=str(error)) from error
    if response.status_code >= 300 and response.status_code != NO_SUCH_RANGE:
        detail = response.text
        raise from_status(PROVIDER, response.status_code, "the log is not available", response.headers, detail=detail)
    return response

"""Django's SMTP backend within the current exchange: its time limit holds for the whole conversation, and replies have an end.

https://www.rfc-editor.org/rfc/rfc5321#section-4.2
"""

import smtplib
from io import BufferedReader

from django.core.mail.backends import smtp

from integrations import http

MAX_LINES = 100
"""Lines of one reply; Python limits only the length of each. A greeting that lists every extension has twenty."""


class _Replies:
    """What the server sends, line by line."""

    def __init__(self, lines: BufferedReader) -> None:
        self._lines = lines
        self.begin()

    def begin(self) -> None:
        """The next line begins a reply."""
        self._remaining = MAX_LINES

    def readline(self, size: int) -> bytes:
        self._remaining -= 1
        if self._remaining < 0:
            raise smtplib.SMTPServerDisconnected(f"a reply of the mail server has more than {MAX_LINES} lines")
        return self._lines.readline(size)

    def close(self) -> None:
        self._lines.close()


class _Bounded(smtplib.SMTP):
    def getreply(self) -> tuple[int, bytes]:
        if not isinstance(self.file, _Replies):  # a new connection, or one that TLS has replaced
            assert self.sock is not None
            http.follow(self.sock)
            self.file = _Replies(self.sock.makefile("rb"))
        self.file.begin()
        return super().getreply()


class _BoundedSSL(_Bounded, smtplib.SMTP_SSL):
    pass


class EmailBackend(smtp.EmailBackend):
    """For the setting EMAIL_BACKEND."""

    @property
    def connection_class(self) -> type[smtplib.SMTP]:
        return _BoundedSSL if self.use_ssl else _Bounded

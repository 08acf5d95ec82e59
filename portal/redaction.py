"""No secret leaves by a log line."""

import logging

from integrations.secrets import redact


class Redact(logging.Filter):
    """Takes remembered secrets out of the message and of its traceback."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = redact(record.getMessage()), ()
        if record.exc_info and not record.exc_text:
            record.exc_text = redact(logging.Formatter().formatException(record.exc_info))
        return True

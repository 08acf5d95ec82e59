"""Every log line names the run it is about and contains no secret."""

import logging

from engine import tracing
from integrations.secrets import redact


class Run(logging.Filter):
    """Adds the id of the current run to the record, or a dash."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.run = tracing.RUN.get()
        return True


class Redact(logging.Filter):
    """Removes known secrets from the message and its traceback."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = redact(record.getMessage()), ()
        if record.exc_info and not record.exc_text:
            record.exc_text = redact(logging.Formatter().formatException(record.exc_info))
        return True

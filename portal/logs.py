"""Every line of a log bears the run that it is about, and no secret."""

import logging

from integrations.secrets import redact
from onboarding.engine import under_way


class Run(logging.Filter):
    """Gives the record the id of the run under way, or a dash."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.run = under_way.RUN.get()
        return True


class Redact(logging.Filter):
    """Takes remembered secrets out of the message and of its traceback."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = redact(record.getMessage()), ()
        if record.exc_info and not record.exc_text:
            record.exc_text = redact(logging.Formatter().formatException(record.exc_info))
        return True

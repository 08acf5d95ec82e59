"""The SMTP server that accepts every email; `/mailbox/` shows them."""

import asyncio
from collections.abc import Callable
from email import message_from_bytes, policy

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from django.db import connections

from sandbox.messages.models import Letter

MAX_LETTERS = 1000


class Handler:
    """aiosmtpd's handler: stores each email that arrives."""

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        content = envelope.content
        raw = content.encode() if isinstance(content, str) else content or b""
        await asyncio.to_thread(store, envelope.mail_from or "", list(envelope.rcpt_tos), raw)
        return "250 Message accepted for delivery"


def store(sender: str, recipients: list[str], raw: bytes) -> None:
    message = message_from_bytes(raw, policy=policy.default)
    part = message.get_body(preferencelist=("plain", "html"))
    try:
        letter = Letter.objects.create(
            sender=sender,
            recipients=recipients,
            subject=str(message.get("Subject", "")),
            message_id=str(message.get("Message-ID", ""))[:255],
            text=part.get_content() if part else "",
            raw=raw,
        )
        Letter.objects.filter(id__lte=letter.id - MAX_LETTERS).delete()
    finally:
        connections.close_all()


def start(port: int) -> Callable[[], None]:
    """Listen on the loopback; returns a function that stops the server. Raises OSError when the port is in use."""
    controller = Controller(Handler(), hostname="127.0.0.1", port=port)
    controller.start()
    return controller.stop

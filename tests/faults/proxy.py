"""A proxy between a real client and a real server that delays, cuts off, swallows or drips the answers.

It knows bytes and connections and no protocol, so it works in front of HTTP servers and of PostgreSQL.
"""

import asyncio
import contextlib
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum

CHUNK = 65_536
NO_LINGER = struct.pack("ii", 1, 0)
"""A value of SO_LINGER with which closing a connection resets it."""


class Fault(StrEnum):
    """What happens to the requests that come after it was armed."""

    NONE = "the answer is passed on unchanged"
    RESET = "the connection is reset before the request is passed on"
    SWALLOW = "the request is passed on, its answer is swallowed, and the connection is reset"
    BLACK_HOLE = "the request is accepted and not passed on, and no answer ever follows"
    SILENCE = "the request is passed on, and no answer ever follows"
    DRIP = "the answer comes byte by byte"
    SLICE = "the answer comes in three chunks with pauses between them"
    HALF = "the connection is closed in the middle of the answer"


@dataclass
class FaultProxy:
    """Listens on a free port of the loopback and passes on to `upstream`: a port, or the path of a socket."""

    upstream: int | str
    fault: Fault = Fault.NONE
    times: int = 0
    """For how many requests the fault lasts; 0 means until it is replaced."""
    port: int = 0
    connections: int = 0
    _loop: asyncio.AbstractEventLoop = field(default_factory=asyncio.new_event_loop)
    _open: set[asyncio.StreamWriter] = field(default_factory=set)

    def arm(self, fault: Fault, times: int = 0) -> None:
        """The fault begins with the next request."""
        self.fault, self.times = fault, times

    def _next_fault(self) -> Fault:
        fault = self.fault
        if self.times:
            self.times -= 1
            self.fault = self.fault if self.times else Fault.NONE
        return fault

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        with contextlib.suppress(OSError):
            if isinstance(self.upstream, int):
                theirs, ours = await asyncio.open_connection("127.0.0.1", self.upstream)
            else:
                theirs, ours = await asyncio.open_unix_connection(self.upstream)
            current = [Fault.NONE]
            self._open |= {writer, ours}
            answers = asyncio.create_task(self._answers(theirs, writer, current))
            try:
                while chunk := await reader.read(CHUNK):
                    current[0] = self._next_fault()
                    if current[0] is Fault.RESET:
                        return _reset(writer)
                    if current[0] is not Fault.BLACK_HOLE:
                        ours.write(chunk)
                        await ours.drain()
            finally:
                ours.close()
                if current[0] is Fault.NONE:
                    answers.cancel()
                    writer.close()

    async def _answers(self, theirs: asyncio.StreamReader, writer: asyncio.StreamWriter, current: list[Fault]) -> None:
        with contextlib.suppress(OSError):
            while chunk := await theirs.read(CHUNK):
                match current[0]:
                    case Fault.SWALLOW:
                        return _reset(writer)
                    case Fault.SILENCE:
                        continue
                    case Fault.HALF:
                        writer.write(chunk[: -max(1, len(chunk) // 4)])
                        await writer.drain()
                        return writer.close()
                    case Fault.DRIP | Fault.SLICE as slow:
                        size = 1 if slow is Fault.DRIP else max(1, len(chunk) // 3)
                        for start in range(0, len(chunk), size):
                            writer.write(chunk[start : start + size])
                            await writer.drain()
                            await asyncio.sleep(0.1)
                    case _:
                        writer.write(chunk)
                        await writer.drain()
            writer.close()

    async def _listen(self, listening: socket.socket) -> None:
        async with await asyncio.start_server(self._serve, sock=listening) as server:
            await server.serve_forever()

    def run(self, listening: socket.socket) -> None:
        with contextlib.suppress(RuntimeError):  # stopped
            self._loop.run_until_complete(self._listen(listening))

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)

    def close(self) -> None:
        """Close every connection, once the proxy has stopped."""
        for writer in self._open:
            writer.transport.abort()
        for task in asyncio.all_tasks(self._loop):
            task.cancel()
        self._loop.run_until_complete(asyncio.gather(*asyncio.all_tasks(self._loop), return_exceptions=True))
        self._loop.close()


def _reset(writer: asyncio.StreamWriter) -> None:
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, NO_LINGER)
    writer.transport.abort()


@contextmanager
def proxy_to(upstream: int | str) -> Iterator[FaultProxy]:
    """A running proxy, in a thread of its own."""
    listening = socket.create_server(("127.0.0.1", 0))
    proxy = FaultProxy(upstream, port=listening.getsockname()[1])
    thread = threading.Thread(target=proxy.run, args=(listening,), daemon=True)
    thread.start()
    try:
        yield proxy
    finally:
        proxy.stop()
        thread.join(5)
        proxy.close()
        listening.close()

"""Checks from outside: whether a port is free, whether a URL answers."""

import socket
import urllib.error
import urllib.request

from portal.embedded.environment import HOST, Ports
from portal.embedded.errors import InUse


def check_ports(ports: Ports) -> None:
    """Raises InUse, naming the option for another port."""
    for option, port in (("--port", ports.portal), ("--sandbox-port", ports.sandbox), ("--smtp-port", ports.smtp)):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, port))
            except OSError as error:
                message = f"Onramp cannot use port {port} ({error.strerror}). Name another one with {option}."
                raise InUse(message) from error


def answers(url: str) -> bool:
    """Whether a request to the loopback succeeds."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(url, timeout=2) as response:
            return bool(response.status < 400)
    except (OSError, urllib.error.URLError):
        return False

"""One request to one receiver: to a checked address, bounded in time and bytes, without redirects and proxies."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPResponse

from app.errors import BadInput
from app.text.storable import storable
from app.webhooks.addresses import Allowed, Target, target_of

CONNECT_SECONDS = 5.0
TOTAL_SECONDS = 10.0
MOST_BYTES = 4096
KEPT_CHARACTERS = 500
GONE = 410
"""By the specification: the receiver wants nothing more."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of a try. `failure` is empty where the receiver took the message (status 2xx), else one of address,
    connection, timeout, tls, redirect, status."""

    failure: str
    status: int | None = None
    milliseconds: int = 0
    text: str = ""


def post(url: str, body: bytes, headers: Mapping[str, str], allowed: Allowed) -> Answer:
    """Send the body and say what came of it; never raises for what a receiver or a network does."""
    begun = time.monotonic()
    try:
        target = target_of(url, allowed)
    except BadInput:
        return Answer("address", milliseconds=_since(begun))
    with _bounded(begun + TOTAL_SECONDS) as watched:
        failure, status, text = _asked(target, body, headers, watched)
    return Answer(failure, status, _since(begun), text)


class _Watched:
    """The socket that is shut down when time is up; libraries only bound each single read."""

    def __init__(self, deadline: float) -> None:
        self.deadline = deadline
        self.late = False
        self._socket: socket.socket | None = None
        self._lock = threading.Lock()

    def watch(self, opened: socket.socket | None) -> None:
        """Shut down this one when time is up; at once when it is already."""
        with self._lock:
            self._socket = opened
            if self.late:
                self._shut()

    def end(self) -> None:
        """Time is up."""
        with self._lock:
            self.late = True
            self._shut()

    def _shut(self) -> None:
        if self._socket is not None:
            with contextlib.suppress(OSError, ValueError):
                self._socket.shutdown(socket.SHUT_RDWR)


@contextlib.contextmanager
def _bounded(deadline: float) -> Iterator[_Watched]:
    watched = _Watched(deadline)
    timer = threading.Timer(max(0.0, deadline - time.monotonic()), watched.end)
    timer.daemon = True
    timer.start()
    try:
        yield watched
    finally:
        timer.cancel()
        watched.watch(None)


def _asked(target: Target, body: bytes, headers: Mapping[str, str], watched: _Watched) -> tuple[str, int | None, str]:
    """Failure, status and the beginning of the answer; the next address is tried only where one was not reached."""
    failure = "connection"
    for address in target.addresses:
        left = watched.deadline - time.monotonic()
        try:
            reached = socket.create_connection((address, target.port), max(0.001, min(left, CONNECT_SECONDS)))
        except OSError as error:
            failure = "timeout" if watched.late or isinstance(error, TimeoutError) else "connection"
            continue
        with reached:
            return _spoken(reached, target, body, headers, watched)
    return failure, None, ""


def _spoken(
    reached: socket.socket, target: Target, body: bytes, headers: Mapping[str, str], watched: _Watched
) -> tuple[str, int | None, str]:
    connection = HTTPConnection(target.host, target.port)
    try:
        reached.settimeout(max(0.001, watched.deadline - time.monotonic()))
        watched.watch(reached)
        connection.sock = _secured(reached, target.host, watched) if target.scheme == "https" else reached
        connection.request("POST", target.path, body, {**headers, "Host": target.authority})
        response = connection.getresponse()
        return _judged(response.status), response.status, _read(response)
    except (OSError, HTTPException, ValueError) as error:
        if watched.late or isinstance(error, TimeoutError):
            return "timeout", None, ""
        return ("tls" if isinstance(error, ssl.SSLError) else "connection"), None, ""
    finally:
        connection.close()


def _secured(reached: socket.socket, host: str, watched: _Watched) -> ssl.SSLSocket:
    """TLS for the host's name on a connection to its address. Raises ssl.SSLError for another's certificate."""
    context = ssl.create_default_context()
    secured = context.wrap_socket(reached, server_hostname=host, do_handshake_on_connect=False)
    watched.watch(secured)
    secured.do_handshake()
    return secured


def _judged(status: int) -> str:
    if 200 <= status < 300:
        return ""
    return "redirect" if 300 <= status < 400 else "status"


def _read(response: HTTPResponse) -> str:
    """The beginning of the answer as one line; what was received counts, however the rest breaks off."""
    data = b""
    with contextlib.suppress(OSError, HTTPException, ValueError):
        data = response.read(MOST_BYTES)
    words = " ".join(data.decode("utf-8", "replace").split())
    return storable("".join(sign for sign in words if sign.isprintable()))[:KEPT_CHARACTERS]


def _since(begun: float) -> int:
    return round(1000 * (time.monotonic() - begun))

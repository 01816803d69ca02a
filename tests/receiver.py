"""A receiver of webhooks as somebody else would run it: a real HTTP server that checks signatures and remembers."""

from __future__ import annotations

import contextlib
import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from app.webhooks.signing import Refused, Verifier

LOCAL = "127.0.0.1/32"
"""What a deployment must allow for this receiver to be called."""


@dataclass
class Request:
    """What came in, and how it was answered."""

    path: str
    headers: Mapping[str, str]
    body: bytes
    status: int

    @property
    def told(self) -> dict[str, Any]:
        """The message."""
        return dict(json.loads(self.body))


@dataclass
class Receiver:
    """`answers` are given first, one per request (a status, or a function of the handler); then 200, or 401 where the
    verifier refuses. Each takes `pace` seconds."""

    port: int = 0
    verifier: Verifier | None = None
    requests: list[Request] = field(default_factory=list)
    answers: list[int | Callable[[BaseHTTPRequestHandler], int]] = field(default_factory=list)
    released: threading.Event = field(default_factory=threading.Event)
    pace: float = 0.0

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}/netra?dari=uji"

    def taken(self) -> list[Request]:
        """What it answered with success."""
        return [request for request in self.requests if 200 <= request.status < 300]

    def numbers(self) -> list[int]:
        """The numbers of the events that it took, in their order."""
        return [request.told["number"] for request in self.taken()]

    def judge(self, handler: BaseHTTPRequestHandler, body: bytes) -> int:
        """The status of an answer."""
        if self.answers:
            answer = self.answers.pop(0)
            return answer if isinstance(answer, int) else answer(handler)
        if self.verifier is None:
            return 200
        try:
            self.verifier.check(handler.headers, body)  # type: ignore[arg-type]
        except Refused:
            return 401
        return 200

    def sleeps(self, seconds: float) -> Callable[[BaseHTTPRequestHandler], int]:
        """An answer that comes too late."""

        def wait(_handler: BaseHTTPRequestHandler) -> int:
            self.released.wait(seconds)
            return 200

        return wait


@contextmanager
def receiving(verifier: Verifier | None = None) -> Iterator[Receiver]:
    """A receiver on a free port of this machine."""
    receiver = Receiver(verifier=verifier)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            receiver.released.wait(receiver.pace)
            status = receiver.judge(self, body)
            receiver.requests.append(Request(self.path, dict(self.headers), body, status))
            answer = f"jawaban {status}".encode()
            self.send_response(status)
            if 300 <= status < 400:
                self.send_header("Location", f"http://127.0.0.1:{receiver.port}/lain")
            self.send_header("Content-Length", str(len(answer)))
            with contextlib.suppress(OSError):  # whoever asked may be gone
                self.end_headers()
                self.wfile.write(answer)

        def do_GET(self) -> None:
            receiver.requests.append(Request(self.path, dict(self.headers), b"{}", 200))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    receiver.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        receiver.released.set()
        server.shutdown()
        server.server_close()


def until(happened: Callable[[], bool], seconds: float = 60.0) -> None:
    """Wait for what another thread or process does."""
    end = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < end, f"did not happen within {seconds} s"
        time.sleep(0.02)

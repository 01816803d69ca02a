"""A small HTTP server for downloads that misbehaves as the test asks."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Served:
    """One file and the server's manners. `cuts`: after how many bytes each of the first answers breaks off; `moods`:
    statuses of the first answers instead of the file; `seen` are the Range headers that came."""

    content: bytes
    etag: str = '"one"'
    cuts: list[int] = field(default_factory=list)
    moods: list[int] = field(default_factory=list)
    ranges: bool = True
    length: bool = True
    drip: float = 0.0
    hang: float = 0.0
    moved_to: str = ""
    moved: int = 0
    seen: list[str | None] = field(default_factory=list)
    address: str = ""


@contextmanager
def serving(served: Served) -> Iterator[Served]:
    """The server while the block runs; `address` is that of the file."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            answer(self, served)

        def end_headers(self) -> None:
            self.send_header("Connection", "close")
            super().end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    served.address = f"http://127.0.0.1:{server.server_address[1]}/pack.zip"
    try:
        yield served
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def answer(request: BaseHTTPRequestHandler, served: Served) -> None:
    asked = request.headers.get("Range")
    served.seen.append(asked)
    request.close_connection = True
    if served.hang:
        time.sleep(served.hang)
    if served.moved_to or served.moved:
        return moved(request, served)
    if served.moods:
        request.send_response(served.moods.pop(0))
        request.send_header("Content-Length", "0")
        return request.end_headers()
    begin = 0
    if asked and served.ranges and request.headers.get("If-Range") == served.etag:
        begin = int(asked.removeprefix("bytes=").removesuffix("-"))
    size = len(served.content)
    if begin >= size > 0 and begin:
        request.send_response(416)
        request.send_header("Content-Range", f"bytes */{size}")
        request.send_header("Content-Length", "0")
        return request.end_headers()
    request.send_response(206 if begin else 200)
    if begin:
        request.send_header("Content-Range", f"bytes {begin}-{size - 1}/{size}")
    if served.etag:
        request.send_header("ETag", served.etag)
    if served.length:
        request.send_header("Content-Length", str(size - begin))
    request.end_headers()
    end = begin + served.cuts.pop(0) if served.cuts else size
    body = served.content[begin:end]
    step = 10 if served.drip else max(1, len(body))
    for at in range(0, len(body), step):
        try:
            request.wfile.write(body[at : at + step])
            request.wfile.flush()
        except OSError:
            return None
        time.sleep(served.drip)
    return None


def moved(request: BaseHTTPRequestHandler, served: Served) -> None:
    request.send_response(302)
    if served.moved:
        served.moved -= 1
        request.send_header("Location", "/pack.zip")
    else:
        request.send_header("Location", served.moved_to)
    request.send_header("Content-Length", "0")
    request.end_headers()

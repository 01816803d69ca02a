"""One file over HTTP: continued where it stopped, never longer or slower than bearable, complete or not there."""

from __future__ import annotations

import re
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import requests
import urllib3

from app import __version__
from app.fetching.parts import Part
from app.fetching.problems import NotDownloaded, no_room, writing

PIECE = 1 << 16
RANGE = re.compile(r"bytes (?:(\d+)-(\d+)|\*)/(\d+|\*)")
AGAIN = (408, 425, 429, 500, 502, 503, 504)
MOVED = (301, 302, 303, 307, 308)
MOST_TRIES = 200
Advance = Callable[[int, int | None], None]
"""Told the bytes that are there and those expected (None: not known)."""


@dataclass(frozen=True, slots=True)
class Patience:
    """Limits of a download: `tries` in a row without a byte gained, with growing pauses; seconds to connect and of
    silence; less than `least_bytes` within `window` counts as silence too."""

    most_bytes: int = 2_000_000_000
    redirects: int = 5
    tries: int = 4
    pause: float = 1.0
    connect: float = 10.0
    silence: float = 30.0
    window: float = 60.0
    least_bytes: int = 65_536


class _Broken(Exception):
    """The transfer broke off; what has come is kept."""


class _FromTheStart(Exception):
    """What has come does not fit what the server has now."""


def download(url: str, target: Path, patience: Patience, advance: Advance) -> None:
    """`target` holds the whole file afterwards; until then what has come lies beside it and is continued, by another
    run too, while the server's file is the same (If-Range).

    Raises NotDownloaded, saying why, and NotWritten."""
    part = Part(target)
    in_vain = restarts = 0
    for _ in range(MOST_TRIES):
        before = part.size(url)
        try:
            _continue(url, part, before, patience, advance)
            with writing(target.name):
                part.complete()
            return
        except _FromTheStart:
            part.drop()
            restarts += 1
            if restarts > 2:
                raise _failed(url, "berubah terus / keeps changing") from None
        except _Broken as error:
            in_vain = 0 if part.size(url) > before else in_vain + 1
            if in_vain >= patience.tries:
                raise _failed(url, str(error)) from error
            time.sleep(patience.pause * 2**in_vain)
    raise _failed(url, "terputus terus / keeps breaking off")


def _continue(url: str, part: Part, have: int, patience: Patience, advance: Advance) -> None:
    """One request; returns when the file is whole."""
    validator = part.validator(url)
    headers = {"Accept-Encoding": "identity", "User-Agent": f"netra/{__version__}"}
    if have and validator:
        headers |= {"Range": f"bytes={have}-", "If-Range": validator}
    else:
        have = 0
    with _answer(url, headers, patience) as answer:
        if answer.status_code == 416 and have:
            if _total(answer) == have:
                return
            raise _FromTheStart
        total, begin = _accepted(url, answer, part, have, patience)
        room = shutil.disk_usage(part.folder).free
        if total is not None and total - begin > room:
            raise no_room(part.target.name, total - begin, room)
        if not begin:
            with writing(part.target.name):
                part.begin(url, answer.headers.get("ETag", ""), answer.headers.get("Last-Modified", ""), total)
        come = _receive(url, answer, part, begin, patience, lambda size: advance(size, total))
        if total is not None and come < total:
            raise _Broken(f"{come} / {total} byte")


def _accepted(url: str, answer: requests.Response, part: Part, have: int, patience: Patience) -> tuple[int | None, int]:
    """The length of the whole file and where the body begins. Raises what the answer deserves."""
    status = answer.status_code
    if status in AGAIN:
        raise _Broken(f"HTTP {status}")
    if status == 206 and have:
        found = RANGE.fullmatch(answer.headers.get("Content-Range", ""))
        if found is None or found[1] is None or int(found[1]) != have or not part.same(answer.headers.get("ETag", "")):
            raise _FromTheStart
        total, begin = None if found[3] == "*" else int(found[3]), have
    elif status == 200:
        length = answer.headers.get("Content-Length", "")
        total, begin = int(length) if length.isdecimal() else None, 0
    else:
        raise _failed(url, f"HTTP {status}")
    if (total or 0) > patience.most_bytes:
        raise _too_long(url, patience)
    return total, begin


def _receive(
    url: str, answer: requests.Response, part: Part, begin: int, patience: Patience, advance: Callable[[int], None]
) -> int:
    """Append the body; the size reached."""
    size, since, counted = begin, time.monotonic(), begin
    with writing(part.target.name), part.open(begin) as file:
        while True:
            with _network():
                piece = answer.raw.read1(PIECE, decode_content=False)
            if not piece:
                return size
            file.write(piece)
            size += len(piece)
            if size > patience.most_bytes:
                part.drop()
                raise _too_long(url, patience)
            advance(size)
            if time.monotonic() - since > patience.window:
                if size - counted < patience.least_bytes:
                    raise _Broken("terlalu lambat / too slow")
                since, counted = time.monotonic(), size


@contextmanager
def _answer(url: str, headers: dict[str, str], patience: Patience) -> Iterator[requests.Response]:
    """The answer after at most a few redirects, never from https to http."""
    with requests.Session() as session:
        session.auth = _nobody
        here = url
        for _ in range(patience.redirects + 1):
            with _network():
                answer = session.get(
                    here,
                    headers=headers,
                    stream=True,
                    allow_redirects=False,
                    timeout=(patience.connect, patience.silence),
                )
            with answer:
                if answer.status_code not in MOVED:
                    yield answer
                    return
                there = urljoin(here, answer.headers.get("Location", ""))
            parts = urlsplit(there)
            if parts.scheme not in {"http", "https"} or (urlsplit(here).scheme == "https" and parts.scheme != "https"):
                raise _failed(url, f"dialihkan ke / redirected to {parts.scheme}://{parts.hostname}")
            here = there
        raise _failed(url, f"> {patience.redirects} pengalihan / redirects")


def _nobody(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """No credentials from ~/.netrc."""
    return request


@contextmanager
def _network() -> Iterator[None]:
    """What the network does wrong, as one kind of error."""
    try:
        yield
    except (requests.exceptions.InvalidURL, requests.exceptions.InvalidSchema) as error:
        raise NotDownloaded(f"Alamat tidak sah / Not an address: {error}") from error
    except (requests.RequestException, urllib3.exceptions.HTTPError) as error:
        raise _Broken(_reason(error)) from error


def _reason(error: BaseException) -> str:
    if isinstance(error, (requests.Timeout, urllib3.exceptions.TimeoutError)):
        return "server diam / the server is silent"
    if isinstance(error, requests.exceptions.SSLError):
        return "TLS"
    return f"terputus / cut off ({type(error).__name__})"


def _total(answer: requests.Response) -> int | None:
    found = RANGE.fullmatch(answer.headers.get("Content-Range", ""))
    with suppress(TypeError, ValueError):
        return int(found[3]) if found else None
    return None


def _failed(url: str, why: str) -> NotDownloaded:
    return NotDownloaded(
        f"{url} tidak terunduh: {why}. Jalankan lagi untuk melanjutkan, atau sebut alamat lain dengan --url. / "
        f"{url} was not downloaded: {why}. Run again to continue, or name another address with --url."
    )


def _too_long(url: str, patience: Patience) -> NotDownloaded:
    return _failed(url, f"> {patience.most_bytes / 1e6:.0f} MB")

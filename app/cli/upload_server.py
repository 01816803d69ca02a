"""A running Netra, as `netra upload` speaks to it: batches and single posts, patient with a server that is busy."""

from __future__ import annotations

import ipaddress
import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.auth import AuthBase

from app import __version__
from app.cli.upload_rows import Post
from app.errors import BadInput, NotAllowed, NotReady, NotSignedIn

BUSY = frozenset({429, 502, 503, 504, 507})
"""Answers that may be others a little later."""
NOT_IN_BATCHES = frozenset({400, 404, 405, 413, 422})
"""A whole batch refused: a server that takes smaller ones, or none."""
TIMEOUT = (10, 300)
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 30.0
SUBMISSIONS = "/api/v1/submissions"


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer about one post: the HTTP status, its submission or the words of the refusal, seconds to wait."""

    status: int
    submission: Mapping[str, Any] | None = None
    created: bool = False
    message: str = ""
    wait: float | None = None


class Bearer(AuthBase):
    """The token as a header of every request, which no .netrc replaces."""

    def __init__(self, token: str) -> None:
        self._header = f"Bearer {token}"

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = self._header
        return request


class Server:
    """Requests with a token. `patience`: seconds without any answer to the point after which it gives up."""

    def __init__(self, url: str, token: str, patience: float, say: Callable[[str], None]) -> None:
        self.url = url
        self._patience = patience
        self._say = say
        self._session = requests.Session()
        self._session.auth = Bearer(token)
        self._session.headers["User-Agent"] = f"netra-upload/{__version__}"
        self._until = time.monotonic() + patience
        self._pause = FIRST_PAUSE
        self._said = ""

    def advanced(self) -> None:
        """Something was acknowledged: patience begins anew."""
        self._until = time.monotonic() + self._patience
        self._pause = FIRST_PAUSE

    def wait(self, seconds: float | None, reason: str) -> None:
        """Wait as long as the server asks, or ever longer. Raises NotReady when patience does not last as long."""
        pause = self._pause if seconds is None else seconds
        self._pause = min(2 * self._pause, LONGEST_PAUSE)
        if time.monotonic() + pause > self._until:
            told = "Berhenti menunggu; jalankan lagi nanti, yang sudah diterima tidak dikirim ulang"
            told += " / Stopped waiting: run it again later, nothing that was accepted is sent again"
            raise NotReady(f"{told}. {reason}", field="server")
        if reason != self._said:
            self._say(f"{reason}; menunggu / waiting {pause:.0f} s")
        self._said = reason
        time.sleep(pause)

    def send(self, posts: Sequence[Post]) -> list[Answer]:
        """One answer for each post, in order; those that are BUSY are worth sending again.

        Raises NotSignedIn, NotAllowed, BadInput for a server that is none, NotReady when patience ends."""
        manifest = [self._item(number, post) for number, post in enumerate(posts)]
        files = [("manifest", (None, "\n".join(map(json.dumps, manifest))))]
        pictures = [
            ("images", (f"{number}-{position}", data, "application/octet-stream"))
            for number, post in enumerate(posts)
            for position, data in enumerate(post.pictures)
        ]
        response = self.ask("POST", f"{SUBMISSIONS}:batch", files=[*files, *pictures])
        if response.status_code in NOT_IN_BATCHES:
            return [self._send_one(post) for post in posts]
        if response.status_code not in {200, 207}:
            return [_refusal(response)] * len(posts)
        results = _object(response).get("results")
        if not isinstance(results, list) or len(results) != len(posts):
            raise no_netra()
        return [_answer(one) for one in results]

    @staticmethod
    def _item(number: int, post: Post) -> dict[str, Any]:
        names = [f"{number}-{position}" for position in range(len(post.pictures))]
        return dict(post.fields) | {"images": names, "idempotency_key": post.key}

    def _send_one(self, post: Post) -> Answer:
        fields: list[Any] = [
            (name, (None, text.encode("utf-8", "surrogatepass"))) for name, text in post.fields.items()
        ]
        pictures = [("images", (str(n), data, "application/octet-stream")) for n, data in enumerate(post.pictures)]
        response = self.ask("POST", SUBMISSIONS, files=fields + pictures, headers={"Idempotency-Key": post.key})
        if response.status_code != 202:
            return _refusal(response)
        return Answer(202, submission=_object(response), created=True)

    def submission(self, submission_id: str) -> Mapping[str, Any]:
        """A submission as it stands now. Raises NotReady when the server does not tell."""
        while True:
            response = self.ask("GET", f"{SUBMISSIONS}/{submission_id}")
            if response.status_code == 200:
                return _object(response)
            refusal = _refusal(response)
            self.wait(refusal.wait, refusal.message)

    def ask(self, method: str, path: str, **content: Any) -> requests.Response:
        """The answer to a request, tried again while the server cannot be reached."""
        while True:
            try:
                response = self._session.request(
                    method, self.url + path, timeout=TIMEOUT, allow_redirects=False, **content
                )
            except requests.exceptions.SSLError as error:
                told = f"Sertifikat tidak diterima / Certificate not accepted: {self.url}"
                raise BadInput(told, field="server") from error
            except (requests.ConnectionError, requests.Timeout, requests.exceptions.ChunkedEncodingError):
                self.wait(None, f"Server tidak terjangkau / The server cannot be reached: {self.url}")
                continue
            except (requests.RequestException, UnicodeError) as error:
                told = f"Alamat tidak dapat dipakai / Not a usable address: {self.url}"
                raise BadInput(told, field="server") from error
            if response.is_redirect:
                told = "Server mengalihkan; pakai alamat akhirnya / The server redirects: use its final address"
                raise BadInput(f"{told}: {response.headers['Location'][:200]}", field="server")
            if response.status_code in {401, 403}:
                kind = NotSignedIn if response.status_code == 401 else NotAllowed
                raise kind(_refusal(response).message, field="token")
            return response


def _object(response: requests.Response) -> dict[str, Any]:
    """The JSON of an answer. Raises BadInput for a server that is no Netra."""
    try:
        found = response.json()
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise no_netra()
    return found


def no_netra() -> BadInput:
    """The error of an answer that no Netra gives."""
    return BadInput("Alamat ini bukan Netra / There is no Netra at this address", field="server")


def _answer(one: Mapping[str, Any]) -> Answer:
    """The result of one item of a batch."""
    problem = one.get("problem") or {}
    return Answer(
        int(one["status"]), one.get("submission"), bool(one.get("created")), _words(problem), problem.get("retry_after")
    )


def _refusal(response: requests.Response) -> Answer:
    """An answer that is none of those hoped for."""
    try:
        problem = response.json()
    except ValueError:
        problem = {}
    told = _words(problem if isinstance(problem, dict) else {}) or f"HTTP {response.status_code}"
    asked = response.headers.get("Retry-After", "")
    return Answer(response.status_code, message=told, wait=float(asked) if asked.isdecimal() else None)


def _words(problem: Mapping[str, Any]) -> str:
    detail, field = str(problem.get("detail") or ""), problem.get("field")
    return f"{field}: {detail}" if detail and field else detail


def address_of(given: str, *, plain: bool) -> str:
    """The server's address without a path. Raises BadInput for what is none, and for http:// to another machine, over
    which a token would travel in the clear, unless `plain` allows it."""
    try:
        parts = urlsplit(given)
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port = None, None
    if not host or parts.scheme not in {"http", "https"} or parts.path.strip("/") or parts.query or parts.username:
        raise BadInput(f"Tulis / Write https://netra.example.id: {given[:200]}", field="server")
    if parts.scheme == "http" and not is_loopback(host) and not plain:
        raise BadInput(
            "http:// mengirim token tanpa sandi; pakai https://, atau --allow-http di jaringan sendiri"
            " / http:// sends the token in the clear: use https://, or --allow-http in a network of your own",
            field="server",
        )
    shown = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{shown}" + (f":{port}" if port else "")


def is_loopback(host: str) -> bool:
    """Whether this is the machine itself."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def checked_token(given: str) -> str:
    """The token as a header can carry it. Raises NotSignedIn when there is none."""
    token = given.strip()
    if not token or not token.isascii() or not token.isprintable() or " " in token:
        raise NotSignedIn("Setel NETRA_TOKEN, atau --token-file / Set NETRA_TOKEN, or --token-file", field="token")
    return token

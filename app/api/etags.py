"""ETags: what a program has read already is not sent again, and nothing is written over what it has not seen.

The tag of an answer is the digest of its bytes, so that it changes with anything that the caller would see.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Header
from pydantic import BaseModel
from sqlalchemy.orm import Session
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app import audit
from app.errors import AppError

API = "/api/"
LONGEST = 2000
CHANGED = "Muat ulang: isinya sudah diubah orang lain / Read it again: somebody has changed it meanwhile"
REVALIDATED = "private, no-cache"
"""Programs may keep an answer and have to ask whether it still holds. (What a browser's session reads stays out of the
browser's cache: that would leave it on a shared computer.)"""
KEPT = {b"etag", b"cache-control", b"vary", b"set-cookie"}


class Changed(AppError):
    """The thing is not what the caller saw when they decided to change it."""

    status = 412
    type = "changed"
    title = "Sudah berubah / Changed meanwhile"


def tag_of(body: bytes) -> str:
    """The strong ETag of these bytes."""
    return f'"{hashlib.sha256(body).hexdigest()[:32]}"'


def names(header: str, tag: str) -> bool:
    """Whether a list of tags, as If-None-Match and If-Match hold it, names this one; `*` names any."""
    return any(one.strip().removeprefix("W/") in {tag, "*"} for one in header[:LONGEST].split(","))


class ETags:
    """Tag every JSON answer to a GET of the API; 304 without a body where the caller has it."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http" or scope["method"] != "GET" or not scope["path"].startswith(API):
            await self.app(scope, receive, send)
            return
        asked = Headers(scope=scope)
        held: Message | None = None
        body = bytearray()

        async def send_tagged(message: Message) -> None:
            nonlocal held
            if message["type"] == "http.response.start" and is_tagged(message):
                held = message
                return
            if held is None:
                await send(message)
                return
            body.extend(message.get("body", b""))
            if message.get("more_body", False):
                return
            start, content = tagged(held, bytes(body), asked)
            await send(start)
            await send({"type": "http.response.body", "body": content})

        await self.app(scope, receive, send_tagged)


def is_tagged(start: Message) -> bool:
    """Whether an answer is one that gets a tag."""
    kind = Headers(raw=start["headers"]).get("content-type", "")
    return bool(start["status"] == 200 and kind.startswith("application/json"))


def tagged(start: Message, body: bytes, asked: Headers) -> tuple[Message, bytes]:
    """The answer with its tag, or 304."""
    headers = MutableHeaders(raw=list(start["headers"]))
    tag = headers["ETag"] = tag_of(body)
    if "authorization" in asked:
        headers.setdefault("Cache-Control", REVALIDATED)
    if not names(asked.get("if-none-match", ""), tag):
        return {**start, "headers": headers.raw}, body
    kept = [pair for pair in headers.raw if pair[0].lower() in KEPT]
    return {**start, "status": 304, "headers": kept}, b""


@dataclass(frozen=True, slots=True)
class Expected:
    """What the caller believes to change: a list of tags; empty for whoever does not say."""

    tags: str

    def hold(
        self,
        session: Session,
        current: Callable[[], BaseModel | None],
        lock: Callable[[Session], None] = audit.hold,
    ) -> None:
        """Nothing where no tag was sent. Else nobody writes until the caller commits (`lock` sees to that), and Changed
        is raised unless what `current` answers (None: there is nothing yet) still has one of the tags."""
        if not self.tags:
            return
        lock(session)
        session.expire_all()
        found = current()
        if found is None or not names(self.tags, tag_of(found.model_dump_json(by_alias=True).encode())):
            raise Changed(CHANGED)


def expected(
    tags: Annotated[
        str, Header(alias="If-Match", max_length=LONGEST, description="the ETag as read; 412 where it has changed")
    ] = "",
) -> Expected:
    """The If-Match header."""
    return Expected(tags)


ExpectedDep = Annotated[Expected, Depends(expected)]

"""Pages of other origins that may call the API with a token: none unless NETRA_CORS_ORIGINS names them.

Cookies never count there: the browser is not told that it may send any, and what changes something by cookie from
another site is refused by the edge. Cross-Origin-Resource-Policy stays `same-origin`: it bars embedding (an image of
the API in a foreign page), not the fetches that are allowed here."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

Pair = tuple[bytes, bytes]
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
SENT = ("Authorization", "Content-Type", "Idempotency-Key", "If-Match", "If-None-Match")
EXPOSED = ("ETag", "Location", "RateLimit", "RateLimit-Policy", "Retry-After", "WWW-Authenticate", "X-Request-ID")
PREFLIGHT_SECONDS = 600


class ApiCors:
    """Starlette's CORS for the API alone; pages, media and files are for our own origin."""

    def __init__(self, app: ASGIApp, *, origins: tuple[str, ...]) -> None:
        self.app = app
        self.api = CORSMiddleware(
            app,
            allow_origins=origins,
            allow_methods=METHODS,
            allow_headers=SENT,
            allow_credentials=False,
            expose_headers=EXPOSED,
            max_age=PREFLIGHT_SECONDS,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http" or not scope["path"].startswith("/api/"):
            await self.app(scope, receive, send)
            return

        async def told(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": told_to_allowed(message["headers"])}
            await send(message)

        await self.api(scope, receive, told)


def told_to_allowed(headers: Sequence[Pair]) -> list[Pair]:
    """The headers of an answer; to an origin that is not on the list nothing of what others may read and send."""
    allowed = any(name.lower() == b"access-control-allow-origin" for name, _ in headers)
    return [pair for pair in headers if allowed or not pair[0].lower().startswith(b"access-control-")]

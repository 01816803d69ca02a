"""The edge: headers on every response, no cross-site acts, no endless bodies, a request id and a quiet access log."""

from __future__ import annotations

import re
import time
import uuid
from urllib.parse import urlsplit

import structlog
from fastapi import FastAPI
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api.cors import ApiCors
from app.api.etags import ETags
from app.api.gate import Gate
from app.api.problems import Page, answered, problem_response, refuse, translate, unexpected
from app.errors import NotAllowed, TooLarge
from app.settings import Settings
from app.telemetry import REQUEST_SECONDS, REQUESTS, context, span
from app.tips.receive import MOST_PICTURES

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; "
    "trusted-types netra"
)
HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Frame-Options": "DENY",
}
HSTS = "max-age=31536000"
COOKIE = "netra_session"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
METHODS = SAFE_METHODS | {"POST", "PUT", "PATCH", "DELETE"}
MIB = 1024 * 1024
POSTS = re.compile(r"/api/v1/submissions|/kirim")
BATCHES = re.compile(r"/api/v1/submissions:batch|/kirim/banyak")
BATCH_TEXTS = 8 * MIB
"""For the manifest of a batch and the heads of its parts."""
TIPS = re.compile(r"/api/v1/tips|/sampaikan")
ONE_FILE = re.compile(
    r"/api/v1/candidates/.+/photos|/roster/foto|/api/v1/contests/[^/]+/face-check|/roster/uji-foto/.+"
    r"|/api/v1/flags/[^/]+/appeals|/antrean/[^/]+/keberatan",
    re.DOTALL,
)
log = structlog.get_logger("netra.access")


def install_edge(app: FastAPI, settings: Settings, page: Page | None = None) -> None:
    """Put the edge around the application; call it after any other middleware, so that it is the outermost. `page`
    draws errors for browsers, as for `install_problem_handlers`."""
    app.add_middleware(ETags)
    app.add_middleware(BodyLimit, settings=settings, page=page)
    app.add_middleware(Gate, cookie=cookie_name(settings), page=page)
    app.add_middleware(CrossSiteGuard, public_url=settings.public_url, page=page)
    app.add_middleware(AccessLog, page=page)
    if settings.cors_origins:
        app.add_middleware(ApiCors, origins=tuple(settings.cors_origins.split(",")))
    app.add_middleware(SecurityHeaders, secure=is_secure(settings))


def is_secure(settings: Settings) -> bool:
    """Whether browsers reach this server through TLS."""
    return settings.public_url.lower().startswith("https://")


def cookie_name(settings: Settings) -> str:
    """The session cookie's name; behind TLS with the prefix that bars other hosts of the domain from setting it."""
    return f"__Host-{COOKIE}" if is_secure(settings) else COOKIE


class SecurityHeaders:
    """Set the security headers; keep private answers out of caches unless the route says otherwise."""

    def __init__(self, app: ASGIApp, *, secure: bool) -> None:
        self.app = app
        self.headers = HEADERS | ({"Strict-Transport-Security": HSTS} if secure else {})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self.headers.items():
                    headers[name] = value
                headers.setdefault("Cache-Control", "no-store")
            await send(message)

        await self.app(scope, receive, send_with_headers)


class AccessLog:
    """Give the request an id, write one line and one count about it, and answer what nobody caught.

    The line holds method, route pattern, status and duration: no address, path, query string or person.
    """

    def __init__(self, app: ASGIApp, *, page: Page | None = None) -> None:
        self.app = app
        self.page = page

    def told(self, scope: Scope, error: Exception, request_id: str) -> Response:
        """The answer to what nobody caught; where not even its page can be drawn, problem+json."""
        known = translate(error) or unexpected(error, request_id)
        try:
            return answered(Request(scope), known, self.page)
        except Exception as second:
            unexpected(second, request_id)
            return problem_response(known, request_id=request_id)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request_id = uuid.uuid4().hex
        scope.setdefault("state", {})["request_id"] = request_id
        method = scope["method"] if scope["method"] in METHODS else "OTHER"
        started, status = time.perf_counter(), 0

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)["X-Request-ID"] = request_id
            await send(message)

        with context(request_id=request_id), span(f"HTTP {method}", request_id=request_id) as opened:
            try:
                await self.app(scope, receive, send_with_id)
            except Exception as error:
                answer = self.told(scope, error, request_id)
                if status == 0:
                    await answer(scope, receive, send_with_id)
                else:
                    log.error("broken off", status=status)
            seconds, route = time.perf_counter() - started, route_pattern(scope)
            opened.update_name(f"{method} {route}")
            opened.set_attributes({"http.route": route, "http.response.status_code": status})
            REQUESTS.labels(method, route, str(status)).inc()
            REQUEST_SECONDS.labels(route).observe(seconds)
            log.info("request", method=method, route=route, status=status, ms=round(seconds * 1000, 1))


class CrossSiteGuard:
    """Refuse acts that another site makes a browser do (CSRF).

    Fetch metadata decides, else the Origin; without either there is no browser, and cookies are not accepted. A
    request with an Authorization header is exempt: its cookies are ignored.
    """

    def __init__(self, app: ASGIApp, *, public_url: str, page: Page | None = None) -> None:
        self.app = app
        self.page = page
        self.public_host = urlsplit(public_url).netloc.lower()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http" or scope["method"] in SAFE_METHODS or self.trusts(Headers(scope=scope)):
            await self.app(scope, receive, send)
            return
        await refuse(
            NotAllowed(
                "Permintaan datang dari situs lain; muat ulang halaman Netra lalu coba lagi / "
                "The request comes from another site; reload the page of Netra and try again"
            ),
            self.page,
        )(scope, receive, send)

    def trusts(self, headers: Headers) -> bool:
        """Whether these headers come from our own pages or from a program."""
        if "authorization" in headers:
            return True
        site = headers.get("sec-fetch-site")
        if site is not None:
            return site in {"same-origin", "none"}
        origin = headers.get("origin")
        if origin is not None:
            host = host_of(origin)
            return host != "" and host in {headers.get("host", "").lower(), self.public_host}
        return "cookie" not in headers


class BodyLimit:
    """Refuse bodies over the limit, by their announced length at once, else while they stream in.

    All pictures and a mebibyte where posts are handed in, the bytes of a batch where many are, at most four pictures
    where anybody may send a tip, one where photos are registered or tested and objections lodged, each with a mebibyte:
    routes that read the body only once they know who sends it, or that the sender did the work. A mebibyte everywhere
    else.
    """

    def __init__(self, app: ASGIApp, *, settings: Settings, page: Page | None = None) -> None:
        self.app = app
        self.page = page
        self.settings = settings

    def limit(self, path: str) -> int:
        """The most bytes that a body to this address may have."""
        if BATCHES.fullmatch(path):
            return self.settings.max_batch_bytes + BATCH_TEXTS
        pictures = self.settings.max_images if POSTS.fullmatch(path) else 1 if ONE_FILE.fullmatch(path) else 0
        if TIPS.fullmatch(path):
            pictures = min(MOST_PICTURES, self.settings.max_images)
        return pictures * self.settings.max_image_bytes + MIB

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        limit = self.limit(scope["path"])
        announced = Headers(scope=scope).get("content-length", "")
        if announced.isdigit() and int(announced) > limit:
            await refuse(too_large(limit), self.page)(scope, receive, send)
            return
        received = 0

        async def receive_counted() -> Message:
            nonlocal received
            message = await receive()
            if message["type"] == "http.request":
                received += len(message.get("body", b""))
                if received > limit:
                    raise BodyTooLarge(limit)
            return message

        await self.app(scope, receive_counted, send)


class BodyTooLarge(HTTPException):
    """Raised into whoever reads the body; an HTTPException, because only that passes FastAPI's parsers unchanged."""

    def __init__(self, limit: int) -> None:
        super().__init__(413, too_large(limit).detail)


def too_large(limit: int) -> TooLarge:
    """The error that names the limit."""
    return TooLarge(f"Permintaan lebih dari {limit:,} bita / The request is larger than {limit:,} bytes", limit=limit)


def route_pattern(scope: Scope) -> str:
    """The pattern of the matched route: few values, and none of them a person's."""
    return str(getattr(scope.get("route"), "path_format", None) or "unmatched")


def host_of(origin: str) -> str:
    """Host and port of an Origin header; empty when it has none."""
    try:
        return urlsplit(origin).netloc.lower()
    except ValueError:
        return ""

"""The gate: how many requests a minute each token, person and address may make, before anything else is done.

Whose a token or cookie is, the gate knows from the last time it opened something; whoever it does not know counts to
their address, with everybody there who has no valid token or session. So nobody who is known is shut out by strangers
at the same address, and guesses are refused before the database is asked."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import cast

from fastapi.security.utils import get_authorization_scheme_param
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import cookie_parser
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api.problems import Page, refuse
from app.auth import limits
from app.errors import TooMany
from app.operating import Operating

FREE = "/static/"
"""Files without a secret that browsers keep for a year."""
COSTLY = re.compile(
    r".+\.csv|/api/v1/events/verification|/api/v1/contests/[^/]+/face-check|/roster/uji-foto/.+", re.DOTALL
)
SEARCH = re.compile(rb"(?:^|&)(?:cari|periksa)=[^&]")
"""What makes a page costly: a search in names, checking the whole chain of events."""


@dataclass(frozen=True, slots=True)
class Counted:
    """What a request was counted as, and what is left of its minute."""

    policy: str
    window: limits.Window


class Gate:
    """Count every request and refuse those over the limit with 429 and Retry-After; tell programs what is left."""

    def __init__(self, app: ASGIApp, *, cookie: str, page: Page | None = None) -> None:
        self.app = app
        self.cookie = cookie
        self.page = page

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        operating = known_values(scope) if scope["type"] == "http" and not scope["path"].startswith(FREE) else None
        if operating is None:
            await self.app(scope, receive, send)
            return
        try:
            counted = self.count(scope, operating)
        except TooMany as error:
            await refuse(error, self.page)(scope, receive, send)
            return
        if not scope["path"].startswith("/api/"):
            await self.app(scope, receive, send)
            return

        async def send_with_limits(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers, window = MutableHeaders(scope=message), counted.window
                headers["RateLimit-Policy"] = f'"{counted.policy}";q={window.limit};w={limits.MINUTE}'
                headers["RateLimit"] = f'"{counted.policy}";r={window.left};t={window.seconds}'
            await send(message)

        await self.app(scope, receive, send_with_limits)

    def count(self, scope: Scope, operating: Operating) -> Counted:
        """Count this request to whoever makes it. Raises TooMany."""
        values, who = operating.latest(), limits.whose(self.secret(scope))
        if who is None:
            address = scope["client"][0] if scope.get("client") else ""
            return Counted("strangers", limits.count("strangers", values.strangers_per_minute, limits.network(address)))
        window = limits.count("requests", values.requests_per_minute, who)
        if COSTLY.fullmatch(scope["path"]) or SEARCH.search(scope["query_string"]):
            return Counted("costly", limits.count("costly", values.costly_per_minute, who))
        return Counted("requests", window)

    def secret(self, scope: Scope) -> str:
        """The token of the Authorization header, else the session cookie; empty when there is neither."""
        headers = Headers(scope=scope)
        if "authorization" in headers:
            return get_authorization_scheme_param(headers["authorization"])[1]
        return cookie_parser(headers["cookie"]).get(self.cookie, "") if "cookie" in headers else ""


def known_values(scope: Scope) -> Operating | None:
    """The values of the running application; None before its services are open."""
    services = getattr(scope["app"].state, "services", None)
    return cast("Operating | None", getattr(services, "operating", None))

"""What endpoints ask for: a database session, the caller, a permission. Every route states who may call it.

An endpoint that changes something calls `session.commit()` once, at its end; what was not committed is rolled back.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any, cast

from fastapi import Depends, FastAPI, Request, Security
from fastapi.dependencies.models import Dependant
from fastapi.routing import iter_route_contexts
from fastapi.security import APIKeyCookie, HTTPBearer
from fastapi.security.http import HTTPAuthorizationCredentials
from pydantic import Field
from sqlalchemy.orm import Session

from app.api.security import COOKIE, cookie_name
from app.auth import limits, sessions, tokens
from app.auth.principal import PERMISSIONS, Principal
from app.db.together import Together
from app.errors import NotSignedIn
from app.intake.accept import Entry
from app.screening.service import Services

PUBLIC, SIGNED_IN = "public", "signed-in"
Number = Annotated[int, Field(ge=0, le=2**31 - 1)]
"""A number from outside that every database can compare with its own, such as the number of an event."""


def services_of(request: Request) -> Services:
    """The services of the running application."""
    return cast(Services, request.app.state.services)


async def _services(request: Request) -> Services:
    return services_of(request)  # awaited on the spot, where a plain function would be sent to a thread


ServicesDep = Annotated[Services, Depends(_services)]


def intake_of(request: Request) -> Together[Entry]:
    """Where new uploads are written, those that arrive side by side in one transaction."""
    return cast("Together[Entry]", request.app.state.intake)


def database_session(services: ServicesDep) -> Iterator[Session]:
    """One session per request, closed before the response leaves."""
    with services.sessions() as session:
        yield session


SessionDep = Annotated[Session, Depends(database_session, scope="function")]

# -- the caller -----------------------------------------------------------------------------------------------------

bearer = HTTPBearer(scheme_name="token", description="API token, ntr_…", auto_error=False)
cookie = APIKeyCookie(
    name=COOKIE,
    scheme_name="session",
    description=f"The console's cookie; behind TLS its name is __Host-{COOKIE}",
    auto_error=False,
)


BearerDep = Annotated[HTTPAuthorizationCredentials | None, Security(bearer)]
CookieDep = Annotated[str | None, Security(cookie)]


def caller(request: Request, credentials: BearerDep, _cookie: CookieDep) -> Principal | None:
    """Who is calling: the owner of the token in the Authorization header, else of the session cookie, else nobody.

    A request with an Authorization header never falls back to cookies: NotSignedIn when its token opens nothing.
    Looked up in a session of its own, so that an endpoint's transaction does not begin with it.
    """
    services = services_of(request)
    services.operating.now()  # keeps what the gate knows of the limits fresh
    with services.sessions() as session:
        if "authorization" in request.headers:
            secret = credentials.credentials if credentials else ""
            found = tokens.resolve(session, secret) if secret else None
            limits.learn(secret, found)
            if found is None:
                raise NotSignedIn("Token tidak dikenal, kedaluwarsa, atau dicabut / Token unknown, expired or revoked")
            session.commit()
            return found
        value = request.cookies.get(cookie_name(services.settings))
        person = sessions.resolve(session, value) if value else None
        limits.learn(value or "", person)
        return person


MaybePrincipalDep = Annotated[Principal | None, Depends(caller)]


@dataclass(frozen=True, slots=True)
class Stated:
    """What a route says of who may call it: `act`, a key of PERMISSIONS or SIGNED_IN."""

    act: str

    def allowed(self, principal: Principal | None) -> Principal:
        """The caller, when they may. Raises NotSignedIn for nobody, NotAllowed for others."""
        if principal is None:
            raise NotSignedIn("Silakan masuk dulu / Please sign in first")
        if self.act != SIGNED_IN:
            principal.require(self.act)
        return principal


@dataclass(frozen=True, slots=True)
class Permission(Stated):
    """A dependency that lets through who may do its act."""

    async def __call__(self, principal: MaybePrincipalDep) -> Principal:
        """The caller, when they may; decided on the spot, not in a thread."""
        return self.allowed(principal)


@dataclass(frozen=True, slots=True)
class Anyone:
    """A dependency without effect: it says that a route is open to everybody on purpose."""

    act: str = PUBLIC

    async def __call__(self) -> None:
        """Nothing to check."""


def may(act: str) -> Any:
    """`principal: Annotated[Principal, may("flag.decide")]`: the caller, who may do `act` (a key of PERMISSIONS)."""
    if act not in PERMISSIONS:
        raise KeyError(act)
    return Depends(Permission(act))


PrincipalDep = Annotated[Principal, Depends(Permission(SIGNED_IN))]
ANYONE = Depends(Anyone())

# -- who may call what, for the OpenAPI and for the tests -----------------------------------------------------------


def stated_act(dependant: Dependant) -> str | None:
    """The act that a route's dependencies name: a permission before signed-in before public; None if none does."""
    found: set[str] = set()
    waiting = [dependant]
    while waiting:
        current = waiting.pop()
        waiting.extend(current.dependencies)
        if isinstance(current.call, Stated | Anyone):
            found.add(current.call.act)
    permissions = sorted(found - {PUBLIC, SIGNED_IN})
    return permissions[0] if permissions else next((act for act in (SIGNED_IN, PUBLIC) if act in found), None)


def route_acts(app: FastAPI) -> dict[tuple[str, str], str | None]:
    """(method, path) -> act of every API route and page; None where a route forgot to say who may call it."""
    acts: dict[tuple[str, str], str | None] = {}
    for route in iter_route_contexts(app.routes):
        dependant = getattr(route, "dependant", None)
        if dependant is not None:
            for method in route.methods or ():
                acts[method, str(route.path)] = stated_act(dependant)
    return acts

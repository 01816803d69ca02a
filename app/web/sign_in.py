"""Signing in and out by form."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from app.api.auth import begin_session, end_session
from app.api.deps import ANYONE, MaybePrincipalDep, ServicesDep, SessionDep
from app.errors import NotSignedIn, TooMany
from app.screening.service import Services
from app.web.page import language_of, local_path, render, see_other

router = APIRouter(dependencies=[ANYONE])


@router.get("/masuk")
def sign_in_page(request: Request, services: ServicesDep, principal: MaybePrincipalDep, kembali: str = "/") -> Response:
    """Anyone; who is signed in goes on."""
    if principal is not None:
        return see_other(local_path(kembali))
    return _form(request, services, local_path(kembali))


@router.post("/masuk")
def sign_in(
    request: Request,
    services: ServicesDep,
    session: SessionDep,
    login: Annotated[str, Form()] = "",
    password: Annotated[str, Form()] = "",
    kembali: Annotated[str, Form()] = "/",
) -> Response:
    """Anyone: the cookie and the page that was asked for, or the form again with the reason."""
    after = local_path(kembali)
    response = see_other(after)
    try:
        begin_session(request, response, services, session, login.strip().lower(), password)
    except (NotSignedIn, TooMany) as error:
        errors = {"form": language_of(request).one_of(error.detail)}
        return _form(request, services, after, status=error.status, login=login[:80], errors=errors)
    return response


def _form(request: Request, services: Services, after: str, login: str = "", **more: Any) -> Response:
    open_to_all = services.operating.now().tips_open
    return render(request, "sign_in.html", None, after=after, login=login, tips_open=open_to_all, **more)


@router.post("/keluar")
def sign_out(request: Request, services: ServicesDep, session: SessionDep) -> Response:
    """Anyone: end this browser's session."""
    response = see_other("/masuk")
    end_session(request, response, services, session)
    return response

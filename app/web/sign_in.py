"""Signing in and out by form."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from app.api.auth import begin_session, end_session
from app.api.deps import ANYONE, MaybePrincipalDep, ServicesDep, SessionDep
from app.errors import NotSignedIn, TooMany
from app.web.page import language_of, local_path, render, see_other

router = APIRouter(dependencies=[ANYONE])


@router.get("/masuk")
def sign_in_page(request: Request, principal: MaybePrincipalDep, kembali: str = "/") -> Response:
    """Anyone; who is signed in goes on."""
    if principal is not None:
        return see_other(local_path(kembali))
    return render(request, "sign_in.html", None, after=local_path(kembali), login="")


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
        return render(request, "sign_in.html", None, status=error.status, after=after, login=login[:80], errors=errors)
    return response


@router.post("/keluar")
def sign_out(request: Request, services: ServicesDep, session: SessionDep) -> Response:
    """Anyone: end this browser's session."""
    response = see_other("/masuk")
    end_session(request, response, services, session)
    return response

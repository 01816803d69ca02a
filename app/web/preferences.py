"""What a reader may choose without signing in, and the first page."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from app.api.deps import ANYONE, PrincipalDep, ServicesDep
from app.api.security import is_secure
from app.web.page import (
    BOXES_COOKIE,
    GREY_COOKIE,
    KEYS_COOKIE,
    LANGUAGE_COOKIE,
    THEME_COOKIE,
    local_path,
    navigation,
    render,
    see_other,
)

router = APIRouter()
SWITCH = ("nyala", "mati")
CHOICES = {
    LANGUAGE_COOKIE: ("id", "en"), THEME_COOKIE: ("system", "light", "dark"), KEYS_COOKIE: SWITCH, GREY_COOKIE: SWITCH,
    BOXES_COOKIE: SWITCH,
}  # fmt: skip
A_YEAR = 365 * 24 * 3600


@router.get("/")
def first_page(principal: PrincipalDep) -> Response:
    """The first page that this caller may see."""
    entries = navigation(principal, "/")
    return see_other(entries[0].path if entries else "/bantuan")


@router.post("/pilihan", dependencies=[ANYONE])
def choose(
    services: ServicesDep,
    bahasa: Annotated[str, Form()] = "",
    tema: Annotated[str, Form()] = "",
    pintasan: Annotated[str, Form()] = "",
    abu: Annotated[str, Form()] = "",
    kotak: Annotated[str, Form()] = "",
    kembali: Annotated[str, Form()] = "/",
) -> Response:
    """Anyone: remember language, light, letter keys and how pictures are shown in this browser."""
    given = {LANGUAGE_COOKIE: bahasa, THEME_COOKIE: tema, KEYS_COOKIE: pintasan, GREY_COOKIE: abu, BOXES_COOKIE: kotak}
    response = see_other(local_path(kembali))
    secure = is_secure(services.settings)
    for name, value in given.items():
        if value in CHOICES[name]:
            response.set_cookie(name, value, max_age=A_YEAR, httponly=True, samesite="strict", secure=secure)
    return response


@router.get("/bantuan")
def manual(request: Request, principal: PrincipalDep) -> Response:
    """Anyone signed in: the keys and the rules of reviewing."""
    return render(request, "help.html", principal)

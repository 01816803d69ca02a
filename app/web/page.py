"""Drawing a page: the templates, who is looking, in which language and light, and where they may go."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse, RedirectResponse
from jinja2 import Environment, PackageLoader, StrictUndefined

from app.auth.principal import Principal
from app.i18n import LANGUAGES
from app.web.notices import notices
from app.web.words import Words, words

STATIC = Path(__file__).parent / "static"
THEMES = ("light", "dark")
LANGUAGE_COOKIE, THEME_COOKIE, KEYS_COOKIE = "bahasa", "tema", "pintasan"
GREY_COOKIE, BOXES_COOKIE = "abu", "kotak"
NAVIGATION = (
    ("/antrean", "nav.queue", "flag.read"),
    ("/kirim", "nav.submit", "submission.create"),
    ("/kiriman", "nav.submissions", "submission.read-own"),
    ("/kontes", "nav.contests", "roster.read"),
    ("/dasbor", "nav.dashboard", "flag.read"),
)
RARELY = (
    ("/informasi-awal", "nav.tips", "flag.read"),
    ("/mutu", "nav.quality", "quality.read"),
    ("/kalibrasi", "nav.calibration", "figures.read"),
    ("/aturan", "nav.rules", "figures.read"),
    ("/setelan", "nav.settings", "settings.read"),
    ("/kewajaran", "nav.fairness", "flag.read"),
    ("/pekerjaan", "nav.works", "queue.manage"),
    ("/webhook", "nav.webhooks", "webhook.manage"),
    ("/retensi", "nav.retention", "audit.read"),
    ("/pengguna", "nav.people", "user.manage"),
    ("/jejak-audit", "nav.audit", "audit.read"),
)
"""Pages that one opens now and then: they stand under one entry, so that the bar fits."""
Entries = tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True)
class Look:
    """What a reader chose: `theme` light, dark or "" for the system's; `keys` whether letter keys act; `grey` and
    `boxes` whether pictures are shown without colour and with their marks."""

    theme: str
    keys: bool
    grey: bool
    boxes: bool


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of the navigation."""

    path: str
    key: str
    current: bool


def language_of(request: Request) -> Words:
    """The reader's language: their cookie, else Indonesian."""
    chosen = request.cookies.get(LANGUAGE_COOKIE, "")
    return words(chosen if chosen in LANGUAGES else LANGUAGES[0])


def look_of(request: Request) -> Look:
    """The reader's choices."""
    given = request.cookies.get
    theme = given(THEME_COOKIE, "")
    return Look(
        theme=theme if theme in THEMES else "",
        keys=given(KEYS_COOKIE) != "mati",
        grey=given(GREY_COOKIE) == "nyala",
        boxes=given(BOXES_COOKIE) != "mati",
    )


def navigation(principal: Principal | None, path: str, entries: Entries = NAVIGATION) -> list[Entry]:
    """Those of the entries that this caller may see."""
    if principal is None:
        return []
    return [
        Entry(target, key, path == target or path.startswith(f"{target}/"))
        for target, key, act in entries
        if principal.may(act)
    ]


def local_path(path: str) -> str:
    """A path of this site to go back to; "/" for anything else."""
    is_ours = path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable()
    return path if is_ours else "/"


def render(
    request: Request, template: str, principal: Principal | None, *, status: int = 200, **context: Any
) -> HTMLResponse:
    """The page as a response that no cache keeps."""
    here = str(request.url.path) + (f"?{request.url.query}" if request.url.query else "")
    values = {
        "t": language_of(request),
        "look": look_of(request),
        "principal": principal,
        "navigation": navigation(principal, request.url.path),
        "rarely": navigation(principal, request.url.path, RARELY),
        "here": here if request.method == "GET" else "/",
        "version": assets_version(),
        "notices": notices(request, principal, language_of(request)),
        "errors": {},
        "status": status,
    }
    html = environment().get_template(template).render(values | context)
    return HTMLResponse(html, status_code=status, headers={"Cache-Control": "no-store"})


def see_other(path: str) -> RedirectResponse:
    """Where a browser goes after a form was taken."""
    return RedirectResponse(path, status_code=303)


@cache
def environment() -> Environment:
    """The templates; a name that was not given is an error, not an empty text."""
    loader = PackageLoader("app.web")
    return Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)


@cache
def assets_version() -> str:
    """Changes whenever a static file does, so that browsers may keep them for long."""
    content = b"".join(path.read_bytes() for path in sorted(STATIC.rglob("*")) if path.is_file())
    return hashlib.sha256(content).hexdigest()[:10]

"""The console: all its pages as one router, and its static files."""

from __future__ import annotations

from fastapi import APIRouter, FastAPI
from fastapi.staticfiles import StaticFiles
from starlette.responses import Response
from starlette.types import Scope

from app.web import (
    audit_log,
    bulk,
    calendar_forms,
    calibration,
    circumstances,
    contest_list,
    contests,
    copies,
    dashboard,
    fairness,
    item,
    national,
    own_tokens,
    people,
    people_list,
    preferences,
    quality,
    queue,
    rechecks,
    reference,
    retention,
    roster_end,
    roster_forms,
    rules,
    saved_filters,
    screenshot,
    settings,
    sign_in,
    submission_list,
    submissions,
    text_scores,
    tip_page,
    tips,
    webhooks,
    work,
    works,
)
from app.web.errors import error_page
from app.web.page import STATIC

__all__ = ["error_page", "mount", "router"]

router = APIRouter(include_in_schema=False)
PARTS = (
    preferences, sign_in, queue, saved_filters, work, circumstances, item, rechecks, national, copies, submissions,
    bulk, own_tokens,
    submission_list, screenshot, contest_list, contests, roster_forms, calendar_forms, roster_end, people, people_list,
    audit_log, settings, retention, works, webhooks, dashboard, quality, calibration, rules, text_scores, fairness,
    tip_page, tips,
    reference,
)  # fmt: skip
for part in PARTS:
    router.include_router(part.router)


class LongLived(StaticFiles):
    """Static files whose addresses carry a version: browsers may keep them."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """The file, with a year in the cache."""
        response = await super().get_response(path, scope)
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        return response


def mount(app: FastAPI) -> None:
    """Serve the static files at /static."""
    app.mount("/static", LongLived(directory=STATIC), name="static")

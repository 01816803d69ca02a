"""Handing in many pictures, one post each: a script sends them one by one; without it the form takes a batch."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from app.api.batch_form import BatchReader, Picture, form_reader
from app.api.batches import Outcome, accept_each
from app.api.deps import ServicesDep, SessionDep
from app.api.multipart import WithinMinuteDep, decoded, refusal_of, upload_of
from app.api.parts import parsing
from app.db.base import now
from app.errors import AppError, BadInput
from app.intake.accept import Accepted
from app.intake.upload import Upload
from app.settings import Settings
from app.web.page import language_of
from app.web.submissions import BLANK, Submitter, draw
from app.web.words import Words

router = APIRouter()
MOST_FILES = 200
AT_A_TIME = 3
SHARED = tuple(name for name in BLANK if name not in {"text", "url", "parent", "parent_text"})


@dataclass(frozen=True, slots=True)
class Shown:
    """What became of one file. `state`: accepted, again or refused."""

    name: str
    state: str
    submission: str = ""
    reason: str = ""


Refusal = Annotated[AppError | None, Depends(refusal_of)]


async def read_many(request: Request, services: ServicesDep, closed: Refusal) -> AsyncIterator[BatchReader]:
    """The form with its pictures, of which none is kept where nothing can be taken now. Raises BadInput or TooLarge
    for what is wrong with the whole of it."""
    async with parsing(request, form_reader(services.settings, closed)) as reader:
        yield reader


@router.get("/kirim/banyak")
def form(request: Request, session: SessionDep, services: ServicesDep, principal: Submitter) -> Response:
    """Whoever may hand in posts."""
    closed = refusal_of(principal, services)
    return draw(
        request, session, services.settings, principal, BLANK, None, closed, **_page(services.settings, request)
    )


@router.post("/kirim/banyak")
def hand_in_many(
    request: Request,
    session: SessionDep,
    services: ServicesDep,
    principal: WithinMinuteDep,
    closed: Refusal,
    sent: Annotated[BatchReader, Depends(read_many)],
) -> Response:
    """Whoever may hand in posts, from a browser without scripts: what became of each file, below the form."""
    texts = {name: decoded(name, value) for name, value in sent.given.items()}
    given = BLANK | {name: texts.get(name, BLANK[name]) for name in SHARED}
    shared = {name: texts[name] for name in SHARED if name in texts} | {"capture_method": "bulk"}

    def one(picture: Picture) -> Upload:
        return upload_of(shared, [sent.open(picture)])

    makers = [lambda picture=picture: one(picture) for picture in sent.pictures]
    outcomes = list(accept_each(request, services, session, principal, makers))
    t = language_of(request)
    shown = [_shown(t, picture, outcome) for picture, outcome in zip(sent.pictures, outcomes, strict=True)]
    page = _page(services.settings, request) | {"outcomes": shown}
    return draw(request, session, services.settings, principal, given, _fault(outcomes), closed, **page)


def _page(settings: Settings, request: Request) -> dict[str, Any]:
    t = language_of(request)
    return {
        "template": "submit_many.html",
        "outcomes": [],
        "most": MOST_FILES,
        "at_a_time": AT_A_TIME,
        "opened": now().isoformat(),
        "bytes": settings.max_image_bytes,
        "plain_most": settings.max_batch_items,
        "plain_megabytes": t.number(settings.max_batch_bytes / 1024 / 1024),
    }


def _shown(t: Words, picture: Picture, outcome: Outcome) -> Shown:
    if isinstance(outcome, Accepted):
        state = "accepted" if outcome.created else "again"
        return Shown(picture.name, state, submission=str(outcome.submission.id))
    return Shown(picture.name, "refused", reason=t.one_of(outcome.detail))


def _fault(outcomes: list[Outcome]) -> AppError | None:
    """What is wrong with the form as a whole: no picture, or a field that all share."""
    if not outcomes:
        return BadInput("Pilih gambar / Choose pictures", field="images")
    first = outcomes[0]
    return first if isinstance(first, AppError) and first.field in SHARED else None

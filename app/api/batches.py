"""Handing in many posts in one request: each is accepted or refused on its own."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, ConfigDict
from sqlalchemy.orm import Session

from app import telemetry
from app.api.batch_form import MANIFEST, MANIFEST_BYTES, BatchReader, api_reader, entries, upload_in
from app.api.deps import ServicesDep, SessionDep, intake_of
from app.api.multipart import TEXT_FIELDS, SubmitterDep, spend_one
from app.api.parts import parsing
from app.api.problems import Problem, problem_responses, translate, unexpected
from app.api.submissions import SubmissionOut, shown
from app.auth.principal import Principal
from app.errors import AppError, BadInput, QueueFull, StorageFull, TooMany
from app.intake.accept import Accepted, accept
from app.intake.own import flags_of
from app.intake.room import require_room
from app.intake.upload import Upload
from app.screening.service import Services

router = APIRouter(prefix="/api/v1", tags=["submissions"])
Outcome = Accepted | AppError
Given = Callable[[], Upload]
"""Makes the upload of one item; raises an AppError where the item describes none."""

EXAMPLE = (
    '{"images": ["a.jpg"], "text": "Gas nomor 2!", "contest": "muara-embun", "idempotency_key": "row-1"}\n'
    '{"images": ["b.jpg", "c.jpg"], "contest": "muara-embun", "platform": "instagram"}'
)
BATCH_SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": [MANIFEST],
    "properties": {
        MANIFEST: {
            "type": "string",
            "description": "JSON lines or a JSON array, one object per post: the fields of a single submission"
            f" ({', '.join(TEXT_FIELDS)}), `images` (file names of parts of this request) and `idempotency_key`",
            "maxLength": MANIFEST_BYTES,
            "examples": [EXAMPLE],
        },
        "images": {
            "type": "array",
            "items": {"type": "string", "format": "binary"},
            "description": "the pictures, each with a file name of its own",
        },
    },
}


class BatchResult(BaseModel):
    """What became of one item: `status` is what a single submission would have been answered with."""

    index: int
    status: int
    created: bool | None
    submission: SubmissionOut | None
    problem: Problem | None


class BatchOut(BaseModel):
    """One result for each item of the manifest, in its order. `unused`: pictures that no item names."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "accepted": 0, "refused": 1, "unused": [],
                    "results": [
                        {
                            "index": 0, "status": 422, "created": None, "submission": None,
                            "problem": {
                                "type": "urn:netra:problem:bad-input",
                                "title": "Masukan tidak dapat diterima / Input not acceptable", "status": 422,
                                "detail": "Sertakan gambar atau teks / Send a picture or text", "field": "images",
                            },
                        }
                    ],
                }
            ]
        }
    )  # fmt: skip
    accepted: int
    refused: int
    results: list[BatchResult]
    unused: list[str]


def accept_each(
    request: Request, services: Services, session: Session, principal: Principal, given: Iterable[Given]
) -> Iterator[Outcome]:
    """Accept the items one by one, each committed before the next, with what others hand in at the same moment; the
    minute of the caller counts every item.

    The first is counted before the request was read (SubmitterDep). Items after a used-up minute or day, a full queue
    or disk are refused as a single one would be, with the seconds to wait."""
    full: AppError | None = None
    record, request_id = intake_of(request).record, str(request.state.request_id)
    for number, make in enumerate(given):
        try:
            if full is not None:
                raise full
            if number:
                spend_one(services, principal)
                require_room(services, principal)
            accepted = accept(session, services.blobs, services.settings, principal, make(), record)
            session.commit()
        except Exception as error:
            session.rollback()
            if isinstance(error, TooMany | QueueFull | StorageFull):
                full = error
            yield translate(error) or unexpected(error, request_id)
            continue
        telemetry.SUBMISSIONS.labels("new" if accepted.created else "again").inc()
        yield accepted


async def read_batch(request: Request, services: ServicesDep, _who: SubmitterDep) -> AsyncIterator[BatchReader]:
    """The batch of a program. Raises BadInput or TooLarge for what is wrong with the whole of it."""
    async with parsing(request, api_reader(services.settings)) as reader:
        yield reader


@router.post(
    "/submissions:batch",
    operation_id="create_submissions",
    responses=problem_responses(413, 422, 429, 503, 507)
    | {207: {"description": "At least one item was refused", "model": BatchOut}},
    openapi_extra={"requestBody": {"required": True, "content": {"multipart/form-data": {"schema": BATCH_SCHEMA}}}},
)
def create_submissions(
    request: Request,
    principal: SubmitterDep,
    services: ServicesDep,
    session: SessionDep,
    batch: Annotated[BatchReader, Depends(read_batch)],
    response: Response,
) -> BatchOut:
    """Hand in many posts: a manifest with one item per post, and the pictures that its items name.

    Each item is accepted or refused on its own; one whose `status` is 202 is stored and will be screened. 200: all were
    accepted; 207: at least one was refused, the others were not. Items with an `idempotency_key`, and the same bytes
    with the same context, are taken once however often they are sent."""
    if MANIFEST not in batch.given:
        raise BadInput("Sertakan manifes / Send a manifest", field=MANIFEST)
    listed = entries(batch.given[MANIFEST], services.settings.max_batch_items)
    given = [lambda one=one: upload_in(one, batch) for one in listed]
    outcomes = list(accept_each(request, services, session, principal, given))
    results = _results(session, outcomes, str(request.state.request_id))
    accepted = sum(one.submission is not None for one in results)
    response.status_code = 200 if accepted == len(results) else 207
    named = {name for one in listed if isinstance(one, dict) for name in _names(one.get("images"))}
    unused = [picture.name for picture in batch.pictures if picture.name not in named]
    return BatchOut(accepted=accepted, refused=len(results) - accepted, results=results, unused=unused)


def _results(session: Session, outcomes: list[Outcome], request_id: str) -> list[BatchResult]:
    flags = flags_of(session, [one.submission for one in outcomes if isinstance(one, Accepted)])
    return [
        BatchResult(
            index=index, status=202, created=one.created, problem=None,
            submission=shown(one.submission, flags.get(one.submission.id)),
        )
        if isinstance(one, Accepted)
        else BatchResult(
            index=index, status=one.status, created=None, submission=None,
            problem=Problem(**one.problem(), instance=f"urn:netra:request:{request_id}"),
        )
        for index, one in enumerate(outcomes)
    ]  # fmt: skip


def _names(images: object) -> list[str]:
    return [name for name in images if isinstance(name, str)] if isinstance(images, list) else []

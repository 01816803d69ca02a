"""Versions of the rules: what is live, drafts with their differences, publishing by a coordinator with a reason."""

from __future__ import annotations

from functools import partial

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import select

from app.api.deps import Number, SessionDep
from app.api.pages import PageDep, PageOut, shown
from app.api.problems import problem_responses
from app.api.versions import Appended, Changer, Reader, Reasoned, Replacing, Versioned, told
from app.db.keyset import Sort, paged
from app.db.rule_tables import RuleVersion
from app.screening import rule_versions as versions

router = APIRouter(prefix="/api/v1/rule-versions", tags=["rules"])
NEWEST = Sort(((RuleVersion.id, True),))


class VersionOut(Versioned):
    """One version of the rules; `state` is draft, live or retired."""


class VersionPage(PageOut[VersionOut]):
    """The version that screening uses (`live` is null where the project's own file applies), and some versions, newest
    first."""

    live: int | None
    live_version: str


class SourceOut(VersionOut):
    """A version with the text of its weights file (TOML)."""

    source: str


class DraftIn(Reasoned):
    """A whole weights file and why it should apply."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"source": "version = '1.0'\nbias = -3.5\n…", "reason": "Antrean terlalu penuh"}]
        },
    )
    source: str = Field(max_length=versions.LONGEST_SOURCE)


class PublishIn(Replacing):
    """Why, and the id of the version that is replaced as the caller saw it (null: the project's own file)."""


class ChangeOut(BaseModel):
    """One value that differs, null where a version lacks it."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"name": "bands.low", "before": 0.15, "after": 0.2}]})
    name: str
    before: float | None
    after: float | None


class ChangesOut(BaseModel):
    """Every value that differs, by name."""

    items: list[ChangeOut]


class PublishedOut(Appended):
    """The event that was appended."""

    live: int


@router.get("", operation_id="list_rule_versions", responses=problem_responses(422))
def list_versions(_principal: Reader, session: SessionDep, page: PageDep) -> VersionPage:
    """The live version, and all there are."""
    current = versions.live(session)
    some = paged(session, select(RuleVersion), NEWEST, page.after, page.limit)
    return VersionPage(live=current.id, live_version=current.rules.version, **shown(some, partial(told, VersionOut)))


@router.post("", status_code=201, operation_id="draft_rules", responses=problem_responses(409, 422))
def draft(body: DraftIn, principal: Changer, session: SessionDep, response: Response) -> VersionOut:
    """Keep a weights file as a draft; it changes nothing. The same text again is the same draft. Rules that break a
    principle are refused with every fault found."""
    row = versions.draft(session, principal, body.source, body.reason)
    session.commit()
    response.headers["Location"] = f"{router.prefix}/{row.id}"
    return told(VersionOut, row)


@router.get("/{version_id}", operation_id="read_rule_version", responses=problem_responses(404))
def read_version(version_id: Number, _principal: Reader, session: SessionDep) -> SourceOut:
    """A version with its text."""
    row = versions.VERSIONS.get(session, version_id)
    return told(SourceOut, row)


@router.get("/{version_id}/differences", operation_id="compare_rules", responses=problem_responses(404))
def differences(version_id: Number, _principal: Reader, session: SessionDep) -> ChangesOut:
    """What publishing this version would change of the live rules."""
    found = versions.differences(session, version_id)
    return ChangesOut(items=[ChangeOut(name=one.name, before=one.before, after=one.after) for one in found])


@router.post(
    "/{version_id}/publication",
    status_code=201,
    operation_id="publish_rules",
    responses=problem_responses(404, 409, 422),
)
def publish(version_id: Number, body: PublishIn, principal: Changer, session: SessionDep) -> PublishedOut:
    """Let screening use this version from the next submission on. Nothing already screened changes. Refused with 409
    when another version became live since."""
    event = versions.publish(session, principal, version_id, body.reason, body.replaces)
    session.commit()
    return PublishedOut(event=event.id, hash=event.hash, live=version_id)

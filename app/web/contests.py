"""The roster of a contest as people read it: stages, pairs, candidates and their registered photos."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlalchemy.orm import Session

from app.api.deps import SessionDep, may, services_of
from app.api.roster import find_contest
from app.auth.principal import Principal
from app.db.contest_tables import ContestRow
from app.election.calendar import numbers_drawn, stage_on
from app.election.contest import Contest
from app.roster.face_check import FaceCheck
from app.roster.gallery import load_contest
from app.roster.photo_report import confusable
from app.roster.reembed import model_in_use
from app.rules.wording import stage_name
from app.screening.rule_versions import live
from app.web import meaning, photo_words
from app.web.page import language_of, render
from app.web.words import Words

router = APIRouter()
Reader = Annotated[Principal, may("roster.read")]
Failure = dict[str, Any]
TERMS = ("aliases", "slogans", "hashtags", "parties", "accounts")


@router.get("/kontes/{contest_id:path}")
def contest(request: Request, session: SessionDep, principal: Reader, contest_id: str) -> Response:
    """Anyone signed in."""
    return draw_contest(request, session, principal, contest_id)


def draw_contest(
    request: Request,
    session: Session,
    principal: Principal,
    contest_id: str,
    *,
    failure: Failure | None = None,
    found: FaceCheck | None = None,
) -> Response:
    """The page of a contest; `failure` tells which form was refused and why (form, message, faces, status), `found`
    what the test of a photo answered."""
    t = language_of(request)
    row = find_contest(session, contest_id)
    may_write = principal.may("roster.write")
    alike = confusable(session, services_of(request).settings, row.id) if may_write else {}
    core = load_contest(session, contest_id)
    rules = live(session).rules
    return render(
        request,
        "contest.html",
        principal,
        status=failure["status"] if failure else 200,
        contest=row,
        voting_day=t.day(row.election.voting_day),
        stage=_stage(core, t),
        stages=meaning.stages(core, _today(core), t),
        poses=meaning.poses(core, rules, t),
        salutes=meaning.salutes(rules, t),
        drawn=numbers_drawn(core, _today(core)),
        pairs=[(core.by_id(pair.id), pair) for pair in row.paslon],
        terms=TERMS,
        may_write=may_write,
        failure=failure,
        photos=photo_words.photos(row, alike, t),
        behind=_behind(request, row, t),
        unchecked=alike is None,
        checked=photo_words.checked(found, row, t) if found else None,
    )


def _behind(request: Request, row: ContestRow, t: Words) -> str:
    """What to say where some of the photos were embedded by another model pack."""
    model = model_in_use(services_of(request).settings)
    photos = [photo for pair in row.paslon for person in pair.candidates for photo in person.photos if photo.embedding]
    old = [photo for photo in photos if photo.model != model]
    if model is None or not old:
        return ""
    return t("contest.behind", behind=t.number(len(old)), photos=t.number(len(photos)))


def _today(contest: Contest) -> date:
    return datetime.now(ZoneInfo(contest.timezone)).date()


def _stage(contest: Contest, t: Words) -> str:
    return stage_name(stage_on(contest, _today(contest)).code, t.language)

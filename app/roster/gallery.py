"""From rows to what the pure core takes: the contest with its words, and the gallery of its registered photos."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from app.db.contest_tables import CandidateRow, ContestRow, PaslonRow, ReferencePhoto
from app.election.contest import Candidate, Contest, Paslon, is_empty_column, province_of
from app.errors import NotFound
from app.roster.vault import unseal
from app.sealing import fernet
from app.settings import Settings
from app.vision.gallery import Gallery


def load_contest(session: Session, contest_id: str) -> Contest:
    """The contest as the core sees it. Raises NotFound."""
    pairs = selectinload(ContestRow.paslon).selectinload(PaslonRow.candidates)
    row = session.scalar(select(ContestRow).where(ContestRow.id == contest_id).options(pairs))
    if row is None:
        raise NotFound("Pemilihan ini tidak terdaftar / There is no such contest")
    return _whole(row, _provinces(session, [row]))


def load_contests(session: Session, contest_ids: Iterable[str]) -> dict[str, Contest]:
    """Those of the contests that there are, by their ids; as many queries for many as for one."""
    pairs = selectinload(ContestRow.paslon).selectinload(PaslonRow.candidates)
    rows = session.scalars(select(ContestRow).where(ContestRow.id.in_(set(contest_ids))).options(pairs)).all()
    provinces = _provinces(session, rows)
    return {row.id: _whole(row, provinces) for row in rows}


Provinces = dict[tuple[str, str], list[ContestRow]]
"""Election and region code of a province -> its contests."""


def _provinces(session: Session, rows: Sequence[ContestRow]) -> Provinces:
    """The contests of the provinces in which these contests lie, of the same elections, with their pairs."""
    codes = {code for row in rows if (code := province_of(row.region_code)) is not None}
    if not codes:
        return {}
    query = select(ContestRow).where(
        ContestRow.election_id.in_({row.election_id for row in rows}), ContestRow.region_code.in_(codes)
    )
    found: Provinces = {}
    options = selectinload(ContestRow.paslon).selectinload(PaslonRow.candidates)
    for row in session.scalars(query.options(options).order_by(ContestRow.id)):
        found.setdefault((row.election_id, row.region_code), []).append(row)
    return found


def _whole(row: ContestRow, provinces: Provinces) -> Contest:
    above = provinces.get((row.election_id, province_of(row.region_code) or ""), [])
    beside = (replace(_paslon(pair), contest=contest.name) for contest in above for pair in contest.paslon)
    return replace(outline(row), paslon=tuple(_paslon(pair) for pair in row.paslon), beside=tuple(beside))


def outline(row: ContestRow) -> Contest:
    """The contest without its pairs: enough for its calendar."""
    return Contest(
        id=row.id,
        name=row.name,
        region_code=row.region_code,
        region_name=row.region_name,
        voting_day=row.election.voting_day,
        kind=row.election.kind,
        timezone=row.timezone,
        stage_overrides=tuple(
            (code, date.fromisoformat(first), date.fromisoformat(last)) for code, first, last in row.stage_overrides
        ),
    )


def _paslon(row: PaslonRow) -> Paslon:
    return Paslon(
        id=row.id,
        number=row.number,
        candidates=tuple(
            Candidate(c.id, c.name, tuple(c.nicknames)) for c in row.candidates if not is_empty_column(c.name)
        ),
        aliases=tuple(row.aliases),
        slogans=tuple(row.slogans),
        hashtags=tuple(row.hashtags),
        parties=tuple(row.parties),
        accounts=tuple(row.accounts),
        salam=tuple(row.salam),
    )


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose faces are compared for a contest: its own, then those of its province's contests in the same election;
    each with the version of its roster."""

    contests: tuple[tuple[str, int], ...]

    @property
    def ids(self) -> tuple[str, ...]:
        """The contests, the one in question first."""
        return tuple(contest for contest, _ in self.contests)


def scope_of(session: Session, contest_id: str) -> Scope:
    """The contests whose candidates count for a contest. Raises NotFound."""
    columns = (ContestRow.id, ContestRow.roster_version, ContestRow.election_id, ContestRow.region_code)
    own = session.execute(select(*columns).where(ContestRow.id == contest_id)).one_or_none()
    if own is None:
        raise NotFound("Pemilihan ini tidak terdaftar / There is no such contest")
    province = province_of(own.region_code)
    above = select(*columns).where(ContestRow.election_id == own.election_id, ContestRow.region_code == province)
    rows = session.execute(above.order_by(ContestRow.id)).all() if province else []
    return Scope(tuple((row.id, row.roster_version) for row in (own, *rows)))


def load_gallery(session: Session, settings: Settings, contest_id: str, model: str, *more: str) -> Gallery:
    """The embeddings that `model` made of the registered photos of a contest, and of `more` contests; those of other
    models stay out, and who has no others is named as absent."""
    query = (
        select(ReferencePhoto)
        .join(CandidateRow)
        .join(PaslonRow)
        .where(PaslonRow.contest_id.in_({contest_id, *more}), ReferencePhoto.embedding.is_not(None))
        .order_by(ReferencePhoto.candidate_id, ReferencePhoto.id)
    )
    found = session.scalars(query).all()
    photos = [photo for photo in found if photo.model == model]
    cipher = fernet(settings)
    vectors = [unseal(cipher, photo.embedding) for photo in photos if photo.embedding is not None]
    version = session.scalar(select(ContestRow.roster_version).where(ContestRow.id == contest_id)) or 0
    return Gallery(
        matrix=np.stack(vectors) if vectors else np.zeros((0, 1), np.float32),
        candidates=tuple(photo.candidate_id for photo in photos),
        photos=tuple(str(photo.id) for photo in photos),
        model=model,
        version=version,
        absent=tuple(sorted({photo.candidate_id for photo in found} - {photo.candidate_id for photo in photos})),
    )

"""From rows to what the pure core takes: the contest with its words, and the gallery of its registered photos."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from app.db.tables import CandidateRow, ContestRow, PaslonRow, ReferencePhoto
from app.election.contest import Candidate, Contest, Paslon, is_empty_column
from app.errors import NotFound
from app.roster.vault import fernet, unseal
from app.settings import Settings
from app.vision.gallery import Gallery


def load_contest(session: Session, contest_id: str) -> Contest:
    """The contest as the core sees it. Raises NotFound."""
    pairs = selectinload(ContestRow.paslon).selectinload(PaslonRow.candidates)
    row = session.scalar(select(ContestRow).where(ContestRow.id == contest_id).options(pairs))
    if row is None:
        raise NotFound("Pemilihan ini tidak terdaftar / There is no such contest")
    return _whole(row)


def load_contests(session: Session, contest_ids: Iterable[str]) -> dict[str, Contest]:
    """Those of the contests that there are, by their ids; as many queries for many as for one."""
    pairs = selectinload(ContestRow.paslon).selectinload(PaslonRow.candidates)
    rows = session.scalars(select(ContestRow).where(ContestRow.id.in_(set(contest_ids))).options(pairs))
    return {row.id: _whole(row) for row in rows}


def _whole(row: ContestRow) -> Contest:
    return replace(outline(row), paslon=tuple(_paslon(pair) for pair in row.paslon))


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


def load_gallery(session: Session, settings: Settings, contest_id: str, model: str) -> Gallery:
    """The embeddings that `model` made of the registered photos of one contest; photos of other models stay out."""
    query = (
        select(ReferencePhoto)
        .join(CandidateRow)
        .join(PaslonRow)
        .where(PaslonRow.contest_id == contest_id, ReferencePhoto.model == model)
        .where(ReferencePhoto.embedding.is_not(None))
        .order_by(ReferencePhoto.candidate_id, ReferencePhoto.id)
    )
    photos = session.scalars(query).all()
    cipher = fernet(settings)
    vectors = [unseal(cipher, photo.embedding) for photo in photos if photo.embedding is not None]
    version = session.scalar(select(ContestRow.roster_version).where(ContestRow.id == contest_id)) or 0
    return Gallery(
        matrix=np.stack(vectors) if vectors else np.zeros((0, 1), np.float32),
        candidates=tuple(photo.candidate_id for photo in photos),
        photos=tuple(str(photo.id) for photo in photos),
        model=model,
        version=version,
    )

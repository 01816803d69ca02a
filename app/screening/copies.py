"""Copies: what a new submission shows that was seen before. Linked into groups, never dropped."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, Update, and_, delete, or_, select, update
from sqlalchemy.orm import Session, sessionmaker

from app.copies.prints import WORKING_SIDE, Prints, fingerprint, working_copy
from app.copies.verify import Features, compare, features
from app.db.copy_tables import CopyLink, CopyState, PictureHash
from app.db.flag_tables import Flag
from app.db.gold_tables import ordinary
from app.db.submission_tables import Submission, SubmissionImage
from app.errors import AppError
from app.imaging.decode import ImageLimits, Picture, decode, inspect
from app.screening.copy_index import CopyIndex, Near, Place
from app.storage import Blobs
from app.text.sameness import caption_key

MOST_COMPARED = 12
"""Pictures that are fetched and compared pixel by pixel for one new picture, the nearest first; of a group already
reached none is."""
MOST_LOOKED_UP = 200


@dataclass(frozen=True, slots=True)
class Link:
    """Another submission that shows the same. `how`: bytes, picture, mirror or caption; `strength` 0..1."""

    other: uuid.UUID
    how: str
    strength: float


@dataclass(frozen=True, slots=True)
class Candidate:
    """A stored picture that may show the same; `group` is that of its submission, else the submission itself."""

    mirrored: bool
    sha256: str
    submission: uuid.UUID
    group: uuid.UUID


Work = list[tuple[Prints, list[Candidate]]]


@dataclass(slots=True)
class Seen:
    """What is known of a submission's copies before it is recorded: its prints by picture, the links found, and how
    far the table of hashes was read for them."""

    prints: dict[uuid.UUID, Prints]
    links: dict[uuid.UUID, Link]
    place: Place


@dataclass(frozen=True, slots=True, eq=False)
class Copies:
    """What finding copies needs: the index of this process, the originals and how large they may be."""

    index: CopyIndex
    sessions: sessionmaker[Session]
    blobs: Blobs
    limits: ImageLimits

    def look(self, submission_id: uuid.UUID, prints: Sequence[Prints | None]) -> Seen:
        """Compare the pictures (their prints in order, None for an unreadable one) with all that is stored. Slow work,
        done before the transaction that records the result."""
        with self.sessions() as session:
            place = self.index.follow(session)
            images = session.scalars(
                select(SubmissionImage).where(SubmissionImage.submission_id == submission_id)
            ).all()
            known = {image.id: made for image in images if (made := _at(prints, image.position)) is not None}
            seen = Seen(known, {}, place)
            reached = _reach(session, seen, _same_bytes(session, submission_id, {image.sha256 for image in images}))
            work = self._work(session, submission_id, seen, None)
        self._compare(seen, work, reached)
        return seen

    def link(self, session: Session, submission: Submission, seen: Seen) -> None:
        """Store the prints and join the submission to the group of what shows the same, in the caller's transaction.

        Locks whoever else links until then, and the flags of the group: it comes before any event is appended. Done
        twice, it changes nothing."""
        hold(session)
        self.index.follow(session)
        digests = {image.sha256 for image in submission.images}
        found = [*_same_bytes(session, submission.id, digests), *_same_caption(session, submission)]
        reached = _reach(session, seen, found)
        work = self._work(session, submission.id, seen, seen.place)  # what was added since `look`
        self._compare(seen, work, reached)
        _store(session, seen.prints)
        _join(session, submission, seen.links)

    def _work(self, session: Session, submission_id: uuid.UUID, seen: Seen, since: Place | None) -> Work:
        """For each picture what it must be compared with."""
        return [
            (prints, _candidates(session, submission_id, self.index.near(prints, since)))
            for prints in seen.prints.values()
        ]

    def _compare(self, seen: Seen, work: Work, reached: set[uuid.UUID]) -> None:
        """Verify the nearest pictures and add a link to each group that shows the same."""
        for prints, candidates in work:
            own: dict[bool, Features] = {}
            compared = 0
            for one in candidates:
                if one.group in reached or compared >= MOST_COMPARED:
                    continue
                compared += 1
                if one.mirrored not in own:
                    own[one.mirrored] = features(prints.photo, mirrored=one.mirrored)
                stored = self._features(one.sha256)
                alike = compare(stored, own[one.mirrored]) if stored is not None else None
                if alike is not None:
                    how = "mirror" if one.mirrored else "picture"
                    seen.links[one.submission] = Link(one.submission, how, round(alike.agreement, 3))
                    reached.add(one.group)

    def prints_of(self, digest: str) -> Prints | None:
        """The prints of a stored original; None where it is gone or can no longer be read."""
        picture = self._small(digest)
        return None if picture is None else fingerprint(picture.pixels)

    def _features(self, digest: str) -> Features | None:
        picture = self._small(digest)
        if picture is None:
            return None
        small, photo = working_copy(picture.pixels)
        return features(small if photo is None else photo)

    def _small(self, digest: str) -> Picture | None:
        """The original at no less than the size that is worked on."""
        try:
            data = self.blobs.get(digest)
            header = inspect(data, self.limits)
            return decode(data, self.limits, WORKING_SIDE / max(header.width, header.height))
        except AppError:
            return None


def hold(session: Session) -> None:
    """Nobody else links or makes hashes until the caller commits."""
    session.execute(update(CopyState).where(CopyState.id == 1).values(generation=CopyState.generation))


def forget(session: Session, submission_id: uuid.UUID) -> None:
    """Delete what knows a submission's pictures and words again, when its originals are destroyed; the caller commits.
    That it belonged to a group stays on record."""
    images = select(SubmissionImage.id).where(SubmissionImage.submission_id == submission_id)
    session.execute(delete(PictureHash).where(PictureHash.image_id.in_(images)))
    session.execute(update(Submission).where(Submission.id == submission_id).values(caption_key=None))


def rebuild(copies: Copies) -> Iterator[tuple[int, int]]:
    """Make all hashes, links and groups anew from the originals, one submission in one transaction; yields how many
    are done, and of how many. Interrupted, it is begun again; workers may go on meanwhile."""
    with copies.sessions() as session:
        hold(session)
        session.execute(update(CopyState).values(generation=CopyState.generation + 1))
        session.execute(delete(PictureHash))
        session.execute(delete(CopyLink))
        _lock_flags(session, Flag.copy_group.is_not(None))
        session.execute(update(Flag).where(Flag.copy_group.is_not(None)).values(copy_group=None))
        session.execute(update(Submission).where(Submission.copy_group.is_not(None)).values(copy_group=None))
        session.commit()
        query = select(Submission.id).where(Submission.state == "screened", ordinary())
        ids = session.scalars(query.order_by(Submission.received_at, Submission.id)).all()
    for done, submission_id in enumerate(ids, 1):
        _again(copies, submission_id)
        yield done, len(ids)


def _again(copies: Copies, submission_id: uuid.UUID) -> None:
    with copies.sessions() as session:
        submission = session.get(Submission, submission_id)
        digests = [image.sha256 for image in submission.images] if submission is not None else []
    seen = copies.look(submission_id, [copies.prints_of(digest) for digest in digests])
    with copies.sessions() as session:
        submission = session.get(Submission, submission_id)
        if submission is not None:
            copies.link(session, submission, seen)
            session.commit()


# -- rows -----------------------------------------------------------------------------------------------------------


def _at(prints: Sequence[Prints | None], position: int) -> Prints | None:
    return prints[position] if position < len(prints) else None


def _candidates(session: Session, submission_id: uuid.UUID, near: Sequence[Near]) -> list[Candidate]:
    """What is known of the pictures that lie nearest, those of other submissions only."""
    first = {one.image: one for one in near[:MOST_LOOKED_UP]}
    query = (
        select(SubmissionImage.id, SubmissionImage.sha256, Submission.id, Submission.copy_group)
        .join(Submission, Submission.id == SubmissionImage.submission_id)
        .where(SubmissionImage.id.in_(first), Submission.id != submission_id)
    )
    rows = {image: (digest, other, group or other) for image, digest, other, group in session.execute(query)}
    return [Candidate(one.mirrored, *rows[image]) for image, one in first.items() if image in rows]


def _reach(session: Session, seen: Seen, more: Sequence[Link]) -> set[uuid.UUID]:
    """The groups that the links lead to, once those of `more` are added that lead to another."""
    query = select(Submission.copy_group)
    reached = set()
    for link in (*seen.links.values(), *more):
        group = session.scalar(query.where(Submission.id == link.other)) or link.other
        if group not in reached:
            seen.links.setdefault(link.other, link)
            reached.add(group)
    return reached


def _same_bytes(session: Session, submission_id: uuid.UUID, digests: set[str]) -> list[Link]:
    """For each picture the first screened submission that has the very same file."""
    found = []
    for digest in sorted(digests):
        query = _earlier(submission_id).join(SubmissionImage).where(SubmissionImage.sha256 == digest)
        other = session.scalar(query)
        found += [Link(other, "bytes", 1.0)] if other is not None else []
    return found


def _same_caption(session: Session, submission: Submission) -> list[Link]:
    """The first screened submission with the same words, where both came without pictures."""
    if submission.images:
        return []
    submission.caption_key = key = caption_key(submission.text)
    session.flush()
    other = session.scalar(_earlier(submission.id).where(Submission.caption_key == key)) if key else None
    return [Link(other, "caption", 1.0)] if other is not None else []


def _earlier(submission_id: uuid.UUID) -> Select[uuid.UUID]:
    query = select(Submission.id).where(Submission.state == "screened", Submission.id != submission_id, ordinary())
    return query.order_by(Submission.received_at, Submission.id).limit(1)


def _store(session: Session, prints: Mapping[uuid.UUID, Prints]) -> None:
    """The hashes of pictures that have none yet."""
    there = set(session.scalars(select(PictureHash.image_id).where(PictureHash.image_id.in_(prints)).distinct()))
    for image, made in prints.items():
        if image not in there:
            session.add_all(PictureHash(image_id=image, kind=kind, hash=data) for kind, data in made.by_kind().items())
    session.flush()


def _join(session: Session, submission: Submission, links: Mapping[uuid.UUID, Link]) -> None:
    """Add the links that are new, and make one group of all groups that they reach."""
    others = session.execute(select(Submission.id, Submission.copy_group).where(Submission.id.in_(links))).all()
    if not others:
        return
    for other, _ in others:
        link = links[other]
        if not _linked(session, submission.id, other):
            session.add(CopyLink(submission_id=submission.id, other_id=other, how=link.how, strength=link.strength))
    groups = {group for group in (submission.copy_group, *(group for _, group in others)) if group is not None}
    chosen = min(groups) if groups else min(other for other, _ in others)
    shown = [submission.id, *(other for other, _ in others)]
    members = or_(Submission.id.in_(shown), Submission.copy_group.in_(groups))
    elsewhere = or_(Submission.copy_group.is_(None), Submission.copy_group != chosen)
    _execute(session, update(Submission).where(members, elsewhere).values(copy_group=chosen))
    ours = Flag.submission_id.in_(select(Submission.id).where(Submission.copy_group == chosen))
    moved = and_(ours, or_(Flag.copy_group.is_(None), Flag.copy_group != chosen))
    _lock_flags(session, moved)
    _execute(session, update(Flag).where(moved).values(copy_group=chosen))
    session.refresh(submission, ["copy_group"])


def _execute(session: Session, statement: Update) -> None:
    session.execute(statement, execution_options={"synchronize_session": False})


def _linked(session: Session, one: uuid.UUID, other: uuid.UUID) -> bool:
    pairs = ((one, other), (other, one))
    return any(session.get(CopyLink, pair) is not None for pair in pairs)


def _lock_flags(session: Session, which: ColumnElement[bool]) -> None:
    """Always in the same order, so that two who lock several never wait for each other."""
    session.scalars(select(Flag.id).where(which).order_by(Flag.id).with_for_update()).all()

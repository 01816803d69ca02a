"""Submissions that show the same are linked into groups: at once, in any order, once; and again from the originals."""

from __future__ import annotations

import threading
import uuid

import numpy as np
import pytest
from sqlalchemy import func, select

from app.db.copy_tables import CopyLink, PictureHash
from app.db.flag_tables import Flag
from app.db.submission_tables import Submission
from app.evaluation.copy_edits import cropped, on_a_phone
from app.screening.copies import forget, rebuild
from app.screening.copy_index import CopyIndex
from app.screening.service import screen_submission
from tests.api.world import World, plain
from tests.copying import drawn, encoded, jpeg

LONG = "Mari kita dukung pembangunan jembatan di desa Embun Hulu tahun ini"


def submit(world: World, text: str = "", *images: bytes, handle: str = "") -> uuid.UUID:
    """Hand in and screen; the submission's id."""
    answer = world.submit(text, images, handle=handle)
    assert answer.status_code == 202, answer.text
    world.screen_now()
    return uuid.UUID(answer.json()["id"])


def groups(world: World) -> set[frozenset[uuid.UUID]]:
    """The groups as sets of submissions; each flag stands in the group of its submission."""
    found: dict[uuid.UUID, set[uuid.UUID]] = {}
    with world.services.sessions() as session:
        for row in session.scalars(select(Submission).where(Submission.copy_group.is_not(None))):
            assert row.copy_group is not None
            found.setdefault(row.copy_group, set()).add(row.id)
        for flag in session.scalars(select(Flag)):
            assert flag.copy_group == flag.submission.copy_group
    return {frozenset(group) for group in found.values()}


def links(world: World) -> dict[frozenset[uuid.UUID], str]:
    with world.services.sessions() as session:
        return {frozenset((row.submission_id, row.other_id)): row.how for row in session.scalars(select(CopyLink))}


def count(world: World, table: type) -> int:
    with world.services.sessions() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def test_edited_copies_join_a_group_and_others_do_not(world: World) -> None:

    photo, other = drawn(1), drawn(2)
    first = submit(world, "", encoded(photo))
    stranger = submit(world, "", encoded(other))
    assert groups(world) == set()
    small = submit(world, "hari ini", encoded(cropped(jpeg(photo, 40), 0.1, np.random.default_rng(1))))
    mirrored = submit(world, "kemarin", encoded(np.ascontiguousarray(photo[:, ::-1])))
    screenshot = submit(world, "lihat", encoded(other), encoded(on_a_phone(photo, dark=True)))
    again = submit(world, "dari teman", encoded(photo), handle="@lain")
    assert groups(world) == {frozenset({first, stranger, small, mirrored, screenshot, again})}
    how = links(world)
    assert how[frozenset({first, small})] == "picture"
    assert how[frozenset({first, mirrored})] == "mirror"
    assert how[frozenset({first, again})] == "bytes"
    assert how[frozenset({stranger, screenshot})] == "bytes"


def test_a_plain_picture_is_only_known_by_its_bytes(world: World) -> None:
    first = submit(world, "a", plain(120))
    submit(world, "b", plain(121))
    assert groups(world) == set()
    again = submit(world, "c", plain(120))
    assert groups(world) == {frozenset({first, again})}
    assert count(world, PictureHash) == 0


def test_the_same_long_text_links_posts_without_pictures(world: World) -> None:
    first = submit(world, LONG, handle="@a")
    submit(world, "Selamat pagi semua", handle="@a")
    submit(world, "Selamat pagi semua", handle="@b")
    submit(world, LONG, encoded(drawn(4)))
    second = submit(world, f"🔥 {LONG.upper()}!!", handle="@b")
    assert groups(world) == {frozenset({first, second})}
    assert links(world) == {frozenset({first, second}): "caption"}


def test_a_submission_that_shows_two_groups_makes_them_one(world: World) -> None:
    a, b = encoded(drawn(5)), encoded(drawn(6))
    pairs = [submit(world, str(number), data) for number, data in enumerate((a, a, b, b))]
    assert len(groups(world)) == 2
    both = submit(world, "keduanya", a, b)
    assert groups(world) == {frozenset({*pairs, both})}
    assert len(links(world)) == 4


def test_a_retry_leaves_no_double_rows(world: World) -> None:
    first = submit(world, "a", encoded(drawn(7)))
    second = submit(world, "b", encoded(jpeg(drawn(7), 50)))
    before = count(world, PictureHash), links(world), groups(world)
    for name in (first, second):
        screen_submission(world.services, name, 1)
        copies = world.services.copies
        digests = [image.sha256 for image in world.row(str(name)).images]
        seen = copies.look(name, [copies.prints_of(digest) for digest in digests])
        with world.services.sessions() as session:
            copies.link(session, session.get_one(Submission, name), seen)
            session.commit()
    assert (count(world, PictureHash), links(world), groups(world)) == before
    assert before[0] == 4


def test_copies_screened_at_the_same_moment_find_each_other(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both have looked before either is recorded: whoever comes second sees the first under the lock."""
    ids = [uuid.UUID(world.submit(str(n), [encoded(jpeg(drawn(8), 90 - n))]).json()["id"]) for n in range(2)]
    waiting = threading.Barrier(2, timeout=60)
    copies = type(world.services.copies)
    real = copies.look

    def together(self: object, *given: object) -> object:
        seen = real(self, *given)  # type: ignore[arg-type]
        waiting.wait()
        return seen

    monkeypatch.setattr(copies, "look", together)
    threads = [threading.Thread(target=screen_submission, args=(world.services, name, 1)) for name in ids]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert groups(world) == {frozenset(ids)}


def test_a_rebuild_equals_what_was_found_one_by_one(world: World) -> None:
    photo = drawn(9)
    submit(world, "a", encoded(photo))
    submit(world, "b", encoded(drawn(10)))
    submit(world, "c", encoded(on_a_phone(photo, dark=False)))
    submit(world, LONG)
    submit(world, LONG, handle="@b")
    before = count(world, PictureHash), links(world), groups(world)
    other_process = CopyIndex()
    with world.services.sessions() as session:
        place = other_process.follow(session)
    assert list(rebuild(world.services.copies))[-1] == (5, 5)
    assert (count(world, PictureHash), links(world), groups(world)) == before
    with world.services.sessions() as session:
        anew = other_process.follow(session)
    assert (anew.fronts, anew.windows) == (place.fronts, place.windows)
    assert anew.generation == place.generation + 1


def test_what_was_destroyed_is_not_known_again(world: World) -> None:
    data = encoded(drawn(11))
    first = submit(world, "a", data)
    with world.services.sessions() as session:
        forget(session, first)
        session.commit()
    assert count(world, PictureHash) == 0
    submit(world, "b", encoded(jpeg(drawn(11), 60)))
    assert groups(world) == set()

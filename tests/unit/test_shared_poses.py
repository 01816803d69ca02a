"""The same pose on several people of one photo, and how much of that chance would give."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.review.hand_notes import hand_notes
from app.vision.groups import at_least, pose_share, shared_poses
from app.vision.observations import Face, Hand

POINTS = np.zeros((21, 2), np.float32)


def people(count: int, size: float = 60) -> list[Face]:
    return [Face((100.0 * i, 0.0, 100.0 * i + size, 80.0), np.zeros((5, 2), np.float32), 1.0) for i in range(count)]


def hand(name: str, face: int | None, readable: bool = True) -> Hand:
    return Hand((0, 0, 40, 50), POINTS, "01100", name, 0.9, 0.9, 0.9, True, readable, face)


def test_three_of_four_people_share_a_pose() -> None:
    hands = [hand("peace", 0), hand("peace", 1), hand("fist", 2), hand("peace", 3)]
    (shared,) = shared_poses(people(4), hands)
    assert (shared.name, shared.people, shared.of, shared.hands) == ("peace", 3, 4, (0, 1, 3))
    assert shared.expected == pytest.approx(4 * pose_share("peace"))
    assert 0 < shared.chance < 0.02


def test_both_hands_of_one_person_are_one_witness() -> None:
    assert shared_poses(people(3), [hand("peace", 0), hand("peace", 0)]) == ()
    (shared,) = shared_poses(people(3), [hand("peace", 0), hand("peace", 0), hand("peace", 2)])
    assert (shared.people, shared.hands) == (2, (0, 1, 2))


@pytest.mark.parametrize(
    "other", [hand("peace", None), hand("peace", 1, readable=False), hand("other", 1), hand("fist", 1)]
)
def test_hands_of_nobody_unread_or_unnamed_hands_are_no_witnesses(other: Hand) -> None:
    assert shared_poses(people(3), [hand("peace", 0), other]) == ()


def test_people_too_small_to_show_a_hand_are_not_counted() -> None:
    faces = [*people(2), *people(5, size=12)]
    (shared,) = shared_poses(faces, [hand("peace", 0), hand("peace", 1), hand("peace", 4)])
    assert (shared.people, shared.of) == (2, 2)


def test_the_least_accidental_pose_comes_first() -> None:
    hands = [hand("fist", 0), hand("fist", 1), hand("peace", 2), hand("peace", 3), hand("peace", 4)]
    assert [shared.name for shared in shared_poses(people(6), hands)] == ["peace", "fist"]


def test_a_pose_found_more_often_on_ordinary_photos_surprises_less() -> None:
    assert pose_share("fist") > pose_share("thumb_up") > pose_share("peace") == pose_share("horns") > 0.05


@given(cases=st.integers(1, 60), share=st.floats(0.001, 0.999))
def test_the_chance_is_that_of_a_binomial(cases: int, share: float) -> None:
    assert at_least(0, cases, share) == pytest.approx(1)
    assert at_least(cases, cases, share) == pytest.approx(share**cases)
    assert at_least(1, cases, share) == pytest.approx(1 - (1 - share) ** cases)
    assert at_least(cases + 1, cases, share) == 0


def test_the_reviewer_is_told_of_shared_poses_and_of_hints_that_do_not_count() -> None:
    group = {"name": "peace", "people": 3, "of": 4, "hands": [0, 1, 3], "expected": 0.534, "chance": 0.00042}
    first, second = hand_notes([{"groups": [group], "hands": [{"name": "finger_heart"}, {"name": "relaxed"}]}])
    assert (first["code"], second["code"]) == ("GROUP", "HINT")
    assert "3 dari 4 orang" in first["text_id"]
    assert "0,5 orang" in first["text_id"]
    assert "< 0.1 %" in first["text_en"]
    assert "saranghae" in second["text_id"]
    assert "Gambar" not in first["text_id"]


def test_notes_say_which_of_several_pictures_and_old_observations_have_none() -> None:
    (note,) = hand_notes([{"hands": []}, {"hands": [{"name": "finger_heart"}]}])
    assert note["text_en"].startswith("Picture 2:")
    assert hand_notes([]) == []

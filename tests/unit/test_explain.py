"""What the explanation object makes of signals, without a database."""

from __future__ import annotations

import pytest

from app.review.explain import tags
from app.rules.signals import Signal


def face(picture: int) -> Signal:
    return Signal("FACE_MATCH", "face", 2.2, picture=picture, params={"face": 1})


@pytest.mark.parametrize(
    ("picture", "tag"), [(0, "F1"), (1, "F1b"), (9, "F1j"), (10, "F1k"), (25, "F1z"), (26, "F1aa"), (701, "F1zz")]
)
def test_every_picture_has_its_tag(picture: int, tag: str) -> None:
    assert tags((face(picture),)) == [tag]


def test_tags_differ_between_pictures() -> None:
    assert len(set(tags(tuple(map(face, range(1000)))))) == 1000

"""Which face of a reference photo is enrolled, and how good it is for comparing."""

from __future__ import annotations

from collections.abc import Sequence

from app.errors import BadInput
from app.imaging.decode import Pixels
from app.imaging.pyramid import Pyramid
from app.vision.face_crops import aligned
from app.vision.face_quality import BLURRED, sharpness_of, turn_of
from app.vision.gallery import FaceThresholds
from app.vision.observations import Box, Face

SMALLEST_ENROLLED = 40.0
SMALL = 64.0
"""px; below about 50 px the same photo no longer gives quite the same embedding."""
SAME_FACE = 0.3
"""Overlap (intersection over union) from which a face found again is the same; another model draws other boxes."""
TURNED = 0.35
"""Share of the eye distance. LFW: 99 % under .26; three-quarter profiles about .48."""


REFUSALS = {
    "no-face": (
        "Tidak ada wajah pada foto ini; pakai foto yang menampilkan wajah dari depan, terang dan tajam. / "
        "No face was found in this photo; use one that shows the face from the front, bright and sharp."
    ),
    "several-faces": (
        "Ada {count} wajah pada foto ini; pilih satu (nomor 0 sampai {last}) atau potong fotonya. / "
        "There are {count} faces in this photo; choose one (number 0 to {last}) or crop the photo."
    ),
    "no-such-face": (
        "Tidak ada wajah nomor {choice}; pilih nomor 0 sampai {last}. / "
        "There is no face number {choice}; choose number 0 to {last}."
    ),
    "face-too-small": (
        "Wajah terlalu kecil ({size:.0f} piksel, perlu {smallest:.0f}); pakai foto yang lebih besar. / "
        "The face is too small ({size:.0f} px, {smallest:.0f} needed); use a larger photo."
    ),
    "not-comparable": (
        "Wajah ini tidak dapat dibandingkan; pakai foto lain yang menampilkan wajah dari depan. / "
        "This face cannot be compared; use another photo that shows the face from the front."
    ),
}  # fmt: skip


def choose_face(faces: Sequence[Face], choice: int | None = None, smallest: float = SMALLEST_ENROLLED) -> Face:
    """The face to enrol: the only one, or number `choice` (from 0) of `faces`.

    Raises BadInput when there is none, when several were found and none chosen, when there is no such choice, and when
    the face is narrower than `smallest` px or has no embedding. Its extras are `reason` (a key of REFUSALS), `count`
    and `faces` (number, box and size of each)."""
    wanted = choice or 0
    face = faces[wanted] if 0 <= wanted < len(faces) else None
    if not faces:
        reason = "no-face"
    elif choice is None and len(faces) > 1:
        reason = "several-faces"
    elif face is None:
        reason = "no-such-face"
    elif face.size < smallest:
        reason = "face-too-small"
    elif face.embedding is None:
        reason = "not-comparable"
    else:
        return face
    size = face.size if face else 0.0
    raise BadInput(
        REFUSALS[reason].format(count=len(faces), last=len(faces) - 1, choice=choice, size=size, smallest=smallest),
        field="choice" if reason in {"several-faces", "no-such-face"} else "photo",
        reason=reason,
        count=len(faces),
        faces=[_listed(number, face) for number, face in enumerate(faces)],
    )


def quality(pixels: Pixels, face: Face, limits: FaceThresholds | None = None) -> dict[str, object]:
    """How good a reference the face is, with the `limits` of its pack, ready for JSON: `size` (px), `sharpness`
    (see `sharpness_of`), `turn` (see `turn_of`), `norm`, and `warnings`: any of "small", "blurred", "turned", "weak",
    "drawn"."""
    sharpness, turn = sharpness_of(aligned(Pyramid(pixels), face.landmarks)), turn_of(face.landmarks)
    norm, limits = face.norm, limits or FaceThresholds()
    warnings = {
        "small": face.size < SMALL,
        "blurred": sharpness < BLURRED,
        "turned": abs(turn) > TURNED,
        "weak": norm is not None and norm < limits.weak_norm,
        "drawn": norm is not None and norm > limits.drawn_norm,
    }
    return {
        "size": round(face.size, 1),
        "sharpness": round(sharpness, 1),
        "turn": round(turn, 3),
        "norm": None if norm is None else round(norm, 1),
        "warnings": [code for code, present in warnings.items() if present],
    }


def same_face(faces: Sequence[Face], box: Sequence[float]) -> int | None:
    """The number of the face that overlaps an earlier one (its box) most; None where none does."""
    overlaps = [_overlap(face.box, box) for face in faces]
    best = max(range(len(faces)), key=lambda index: overlaps[index], default=None)
    return best if best is not None and overlaps[best] >= SAME_FACE else None


def _overlap(one: Box, other: Sequence[float]) -> float:
    width = min(one[2], other[2]) - max(one[0], other[0])
    height = min(one[3], other[3]) - max(one[1], other[1])
    if width <= 0 or height <= 0:
        return 0.0
    areas = sum((box[2] - box[0]) * (box[3] - box[1]) for box in (one, other))
    return float(width * height / (areas - width * height))


def _listed(number: int, face: Face) -> dict[str, object]:
    return {"choice": number, "box": [round(value, 1) for value in face.box], "size": round(face.size, 1)}

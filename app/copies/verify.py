"""Whether two pictures are one: ORB features that one shift, turn and scale explains, and pixels that then agree."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from app.imaging.decode import Pixels

SIDE = 400
FEATURES = 700
CLEARLY_BEST = 0.85
"""A match counts when its distance is so much smaller than that of the next best."""
TOLERANCE = 4.0
"""Pixels by which a matched feature may miss its place."""
INLIERS = 30
SCALES = 0.4, 2.5
BLOCK = 16
STRUCTURE = 6.0
"""Standard deviation in grey levels from which a block has something to compare."""
LEAST_BLOCKS = 12
LEAST_COVERED = 0.4
"""Share of the smaller picture that both must show."""
AGREES = 0.8
"""Correlation from which a block agrees."""
AGREEMENT = 0.86
"""Share of the blocks that must agree. Two photos of one scene, in which a hand has moved, stay below: they are two."""
STRIP = 0.3
"""A strip of text laid over the picture may take so much of its height; what is outside of it must agree."""
STRIP_DIFFERS = 0.5
"""Share of the blocks in such a strip that differ: it runs across, unlike a hand that has moved."""
UNMOVED = 0.05
"""Difference of the ratio of sides up to which pictures with few features are laid upon each other as they are."""

Grey = npt.NDArray[np.uint8]
Plane = npt.NDArray[np.float32]
Counts = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Likeness:
    """How sure it is: features that agree (0 where none were needed) and the share of agreeing blocks (0..1)."""

    inliers: int
    agreement: float


@dataclass(frozen=True, slots=True, eq=False)
class Features:
    """A picture in grey, at most SIDE px long, with its ORB features."""

    grey: Grey
    points: Plane
    descriptors: Grey


def features(pixels: Pixels, *, mirrored: bool = False) -> Features:
    """What comparing needs of a picture, or of its mirror image."""
    height, width = pixels.shape[:2]
    scale = SIDE / max(height, width)
    size = max(BLOCK, round(width * scale)), max(BLOCK, round(height * scale))
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    grey = cv2.cvtColor(cv2.resize(pixels, size, interpolation=method), cv2.COLOR_BGR2GRAY)
    grey = np.ascontiguousarray(grey[:, ::-1] if mirrored else grey)
    keypoints, descriptors = cv2.ORB.create(FEATURES, fastThreshold=7).detectAndCompute(grey, None)
    if len(keypoints) == 0:
        return Features(np.asarray(grey, np.uint8), np.zeros((0, 2), np.float32), np.zeros((0, 32), np.uint8))
    points = np.array([point.pt for point in keypoints], np.float32).reshape(-1, 2)
    return Features(np.asarray(grey, np.uint8), points, np.asarray(descriptors, np.uint8))


def compare(one: Features, other: Features) -> Likeness | None:
    """How alike two pictures are, when they are the same; None when they are not."""
    moved = _motion(one, other)
    if moved is not None:
        matrix, inliers = moved
    else:
        (height, width), (high, wide) = one.grey.shape, other.grey.shape
        if abs(np.log((width / height) / (wide / high))) > UNMOVED:
            return None
        matrix, inliers = np.array([[width / wide, 0, 0], [0, height / high, 0]]), 0
    agreement = _agreement(one.grey, other.grey, matrix)
    return Likeness(inliers, agreement) if agreement >= AGREEMENT else None


def _motion(one: Features, other: Features) -> tuple[npt.NDArray[np.float64], int] | None:
    """The 2 x 3 matrix from `other` to `one` and the features that follow it; None where fewer than INLIERS do."""
    if min(len(one.points), len(other.points)) < INLIERS:
        return None
    pairs = cv2.BFMatcher(cv2.NORM_HAMMING).knnMatch(other.descriptors, one.descriptors, k=2)
    good = [first for first, second in pairs if first.distance < CLEARLY_BEST * second.distance]
    if len(good) < INLIERS:
        return None
    start = other.points[[match.queryIdx for match in good]]
    end = one.points[[match.trainIdx for match in good]]
    cv2.setRNGSeed(7)
    matrix, kept = cv2.estimateAffinePartial2D(start, end, method=cv2.RANSAC, ransacReprojThreshold=TOLERANCE)
    if matrix is None or int(kept.sum()) < INLIERS:
        return None
    scale = float(np.hypot(matrix[0, 0], matrix[1, 0]))
    return (matrix.astype(np.float64), int(kept.sum())) if SCALES[0] <= scale <= SCALES[1] else None


def _agreement(one: Grey, other: Grey, matrix: npt.NDArray[np.float64]) -> float:
    """The share of structured blocks that correlate once `other` is laid upon `one`; 0 where too little overlaps."""
    size = one.shape[1], one.shape[0]
    laid = cv2.warpAffine(other, matrix, size, flags=cv2.INTER_LINEAR)
    seen = cv2.warpAffine(np.full_like(other, 255), matrix, size, flags=cv2.INTER_NEAREST) == 255
    scale = abs(float(np.linalg.det(matrix[:, :2])))
    if seen.sum() < LEAST_COVERED * min(one.size, other.size * scale):
        return 0.0
    first, second = (_blocks(cv2.GaussianBlur(plane, (0, 0), 1.2).astype(np.float32)) for plane in (one, laid))
    first, second = (part - part.mean(axis=2, keepdims=True) for part in (first, second))
    spread, spread_laid = first.std(axis=2), second.std(axis=2)
    structured = (np.maximum(spread, spread_laid) >= STRUCTURE) & (_blocks(seen.astype(np.float32)).min(axis=2) == 1)
    if structured.sum() < LEAST_BLOCKS:
        return 0.0
    correlation = (first * second).mean(axis=2) / np.maximum(spread * spread_laid, 1.0)
    return _share(structured.sum(axis=1), ((correlation >= AGREES) & structured).sum(axis=1))


def _share(compared: Counts, agreeing: Counts) -> float:
    """The share of blocks that agree, row by row given; without the one strip across that differs, if there is one."""
    whole = float(agreeing.sum() / compared.sum())
    if whole >= AGREEMENT:
        return whole
    rows = len(compared)
    for height in range(1, int(rows * STRIP) + 1):
        for top in range(rows - height + 1):
            strip = slice(top, top + height)
            inside, rest = compared[strip].sum(), compared.sum() - compared[strip].sum()
            if rest < LEAST_BLOCKS or agreeing[strip].sum() > (1 - STRIP_DIFFERS) * inside:
                continue
            outside = float((agreeing.sum() - agreeing[strip].sum()) / rest)
            if outside >= max(AGREEMENT, whole):
                whole = outside
    return whole


def _blocks(plane: Plane) -> Plane:
    """The picture in squares of BLOCK x BLOCK: rows x columns x pixels of a square."""
    rows, columns = plane.shape[0] // BLOCK, plane.shape[1] // BLOCK
    cut = plane[: rows * BLOCK, : columns * BLOCK].reshape(rows, BLOCK, columns, BLOCK)
    return np.ascontiguousarray(cut.swapaxes(1, 2).reshape(rows, columns, BLOCK * BLOCK))

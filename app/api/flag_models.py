"""One flag with its whole explanation, as `app.review.explain` builds it."""

from __future__ import annotations

import uuid
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

Box = list[float]
"""x0, y0, x1, y1 in pixels of the upright original."""


class Told(BaseModel):
    """A part of the explanation; what an older version stored besides is passed on."""

    model_config = ConfigDict(extra="allow")


class NamedOut(Told):
    """A code with its name in both languages."""

    code: str
    name_id: str
    name_en: str


class PairOut(Told):
    """A pair; `contest` names that of the province for its pairs."""

    id: str
    number: int | None
    label: str
    contest: str | None


class NoteOut(Told):
    """Something that the reviewer should know."""

    code: str
    text_id: str
    text_en: str


class ArticleOut(Told):
    """A kandidat pasal of the SKB with its sanction; `text` and `sanction` are the Indonesian ones."""

    code: str
    track: str
    text: str
    text_id: str
    text_en: str
    sanction: str
    sanction_id: str
    sanction_en: str


class ReferenceOut(Told):
    """The registered photos of a candidate, the one nearest to the found face first; `closest` is null where it was
    withdrawn since."""

    photo_id: str
    photos: list[str]
    closest: str | None
    candidate: str
    candidate_id: str


class SignalOut(Told):
    """One reason: weights are log-odds and add up where `counts`. `span` counts characters of its `field`, `line` is
    one of its `picture`."""

    tag: str
    code: str
    kind: str
    for_: bool = Field(alias="for")
    counts: bool
    weight: float
    score: float | None
    threshold: float | None
    paslon: PairOut | None
    direction: str | None
    picture: int | None
    box: Box | None
    field: str | None
    line: int | None
    span: list[int] | None
    quote: str | None
    params: dict[str, Any]
    sentence_id: str
    sentence_en: str
    reference: ReferenceOut | None


class SeenFaceOut(Told):
    """A face of a picture, those that name nobody included."""

    picture: int
    face: int
    box: Box
    size: float
    band: str
    candidate: str | None
    quality: dict[str, float | None]


class SeenOut(Told):
    """How many faces of each kind a picture has, with a sentence about it."""

    picture: int
    kinds: dict[str, int]
    text_id: str
    text_en: str


class SearchToldOut(Told):
    """A national search: its event, its request and its answer."""

    event: int
    at: str
    actor: str
    label: str


class FlagImageOut(Told):
    """A picture of the post and where the console shows it."""

    position: int
    sha256: str
    width: int
    height: int
    url: str
    blurred_url: str


class HeldOut(Told):
    """A legal hold."""

    reason: str
    by: str
    at: str


class DestroyedOut(Told):
    """What was destroyed, under which rule, in which run."""

    rule: str
    at: str
    run: int
    hashes: list[dict[str, Any]]


class RetentionOut(Told):
    """Whether the item is held, and whether its originals are gone."""

    held: HeldOut | None
    destroyed: DestroyedOut | None


class LineOfTextOut(Told):
    """A line that was read in a picture."""

    picture: int
    line: int
    text: str
    box: Box


class TextOut(Told):
    """What the post says."""

    caption: str
    lines: list[LineOfTextOut]


class ContestNameOut(Told):
    """The contest that the item is about."""

    id: str
    name: str
    region: str
    timezone: str


class ContextOut(Told):
    """What was stated of the post, and corrected since."""

    platform: str
    url: str
    handle: str
    subject_type: str
    agency: str
    public: str
    parent: str
    parent_text: str
    account: str
    children: bool
    track: str
    contest: ContestNameOut
    act_date: str
    known_date: str
    capture_method: str
    received_at: str
    submitted_by: str


class CaptureOut(Told):
    """What the capturing browser told; `verified`: the sums of pictures and text were those that arrived."""

    method: str
    page_title: str
    captured_at: str
    posted_at: str
    note: str
    evidence: str
    verified: bool


class RecheckToldOut(Told):
    """A look at the original."""

    at: str
    status: str
    by: str


class ItemEventOut(Told):
    """An event of the item, as far as the caller may know of it."""

    id: int
    at: str
    actor: str
    role: str
    action: str
    data: dict[str, Any]


class KnownCaseOut(Told):
    """Which known case the item tries, for those who are told."""

    case: uuid.UUID
    verdict: str


class WorkStateOut(Told):
    """Who has the item, what the caller may do with it now, and why they may give no verdict where they may not."""

    round: int
    base_state: str
    claimed_by: str | None
    claimed_until: str | None
    mine: bool
    assigned_to: str | None
    due_on: str | None
    blind: bool
    why_not: str | None
    acts: list[str]


class FlagWhole(Told):
    """A flag with everything that leads to it. `score` = 1 / (1 + exp(-`log_odds`))."""

    id: uuid.UUID
    submission: uuid.UUID
    state: str
    band: str
    score: float
    last_event: int
    created_at: str
    paslon: PairOut | None
    direction: str | None
    summary_id: str
    summary_en: str
    stage: NamedOut
    track: str
    bias: float
    log_odds: float
    lane: NamedOut
    notes: list[NoteOut]
    articles: list[ArticleOut]
    signals: list[SignalOut]
    faces: list[SeenFaceOut]
    seen: list[SeenOut]
    searches: list[SearchToldOut]
    images: list[FlagImageOut]
    retention: RetentionOut
    text: TextOut
    context: ContextOut
    capture: CaptureOut | None
    rechecks: list[RecheckToldOut]
    events: list[ItemEventOut]
    known_case: KnownCaseOut | None
    work: WorkStateOut
    versions: dict[str, Any]
    timings: dict[str, Any]

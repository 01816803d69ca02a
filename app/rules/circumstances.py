"""What the circumstances add: who posted, under whose account, on which day, with whom, and the number on a shirt."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from app.election.calendar import Stage
from app.election.contest import Contest, Paslon
from app.rules.facts import UNKNOWN, Facts
from app.rules.joint import SURE_FACES
from app.rules.ruleset import RuleSet
from app.rules.signals import Evidence, PictureEvidence, Signal
from app.vision.observations import Box

SILENT_CODES = ("NAMA", "ALIAS", "NOMOR", "PARTAI", "FACE_REVIEW", "SURVEI", "OFFICIAL_ACCOUNT")
"""Codes that take no side: naming somebody, a face that may be anybody's, and what belongs to other lanes."""
PRINTED_NAMES = ("NAMA", "ALIAS", "SLOGAN", "TAGAR")
"""Words beside which a lone number on a banner is the pair's."""
BODY_WIDTHS, BODY_HEIGHTS = 1.5, 5.0
"""How far a body reaches beside and below the middle of its face, in widths and heights of the face."""


def owner(contest: Contest, account: str) -> Paslon | None:
    """The pair whose registered campaign account this is; its address or a leading @ does not matter."""
    wanted = _bare(account)
    return next((pair for pair in contest.paslon if wanted and wanted in map(_bare, pair.accounts)), None)


def account_signals(facts: Facts, contest: Contest, stage: Stage, rules: RuleSet) -> Iterator[Signal]:
    """A comment under a registered account speaks of its pair. What a registered account posts itself is campaigning
    and no act of a civil servant, unless people name one; in the quiet period it is a case of its own."""
    parent, poster = owner(contest, facts.parent), owner(contest, facts.handle)
    if parent is not None:
        params = {"account": facts.parent.strip()}
        yield Signal("PARENT_ACCOUNT", "rule", rules.weights["PARENT_ACCOUNT"], paslon=parent.id, params=params)
    if poster is not None and stage.code == "masa_tenang":
        params = {"account": facts.handle.strip()}
        yield Signal("OFFICIAL_ACCOUNT", "rule", rules.weights["OFFICIAL_ACCOUNT"], paslon=poster.id, params=params)
    elif poster is not None and facts.subject_type == UNKNOWN:
        params = {"account": facts.handle.strip(), "paslon_a": poster.id}
        yield Signal("CAMPAIGN_ACCOUNT", "context", rules.weights["CAMPAIGN_ACCOUNT"], params=params)


def media_signals(facts: Facts, rules: RuleSet) -> Iterator[Signal]:
    """The account of a newsroom or a press office repeats what others say."""
    if facts.account == "media":
        yield Signal("MEDIA_ACCOUNT", "context", rules.weights["MEDIA_ACCOUNT"])


def lone_numbers(evidence: Evidence, contest: Contest, drawn: bool, rules: RuleSet) -> Iterator[Signal]:
    """Lines that are nothing but a drawn ballot number: where the body under a face is (a jersey), or in a picture
    whose words name the same pair (a banner)."""
    numbers = {str(pair.number): pair.id for pair in contest.paslon if pair.number is not None} if drawn else {}
    for picture, content in enumerate(evidence.pictures):
        for index, line in enumerate(content.seen.lines):
            words = line.text.strip()
            paslon = numbers.get(words.lstrip("0"))
            worn = any(_on_body(line.box, face.box) for face in content.seen.faces)
            if paslon is None or not (worn or _named(paslon, index, content)):
                continue
            code = "NUMBER_WORN" if worn else "NOMOR"
            yield Signal(
                code,
                "text",
                rules.weights[code],
                paslon=paslon,
                score=line.score,
                picture=picture,
                box=line.box,
                field="picture",
                line=index,
                span=(0, len(line.text)),
                quote=words,
                params={"line": index + 1},
            )


def bearing(found: Sequence[Signal], facts: Facts, contest: Contest, rules: RuleSet) -> Iterator[Signal]:
    """What weighs only beside a sign for a pair: that the subject must be neutral, and children beside a candidate."""
    telling = [s for s in found if s.paslon is not None and s.weight > 0 and s.code not in SILENT_CODES]
    if not telling:
        return
    if facts.subject_type != UNKNOWN and owner(contest, facts.handle) is None:
        yield Signal("SUBJECT_DUTY", "rule", rules.weights["SUBJECT_DUTY"], params={"subject": facts.subject_type})
    if facts.children and any(signal.code in SURE_FACES for signal in telling):
        yield Signal("CHILDREN", "rule", rules.weights["CHILDREN"])


def _named(paslon: str, line: int, content: PictureEvidence) -> bool:
    """Whether the picture's words name the pair, and this line was not read as its number already."""
    codes = {(place, signal.code) for place, signal in content.text if signal.paslon == paslon}
    return (line, "NOMOR") not in codes and any(code in PRINTED_NAMES for _, code in codes)


def _on_body(mark: Box, face: Box) -> bool:
    width, height = face[2] - face[0], face[3] - face[1]
    x, y = (mark[0] + mark[2]) / 2, (mark[1] + mark[3]) / 2
    beside = abs(x - (face[0] + face[2]) / 2) <= BODY_WIDTHS * width
    return beside and face[3] < y <= face[3] + BODY_HEIGHTS * height


def _bare(account: str) -> str:
    """ "https://instagram.com/@Cada.Official/" -> "cada.official"."""
    return account.strip().rstrip("/").rsplit("/", 1)[-1].removeprefix("@").casefold()

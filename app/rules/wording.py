"""Signals and assessments in plain words: what was seen and what it can mean, never a verdict.

Stored signals carry codes and parameters; the words are made when they are shown, from the catalogs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime
from babel.lists import format_list

from app.election.contest import NOWHERE, Contest, Paslon
from app.i18n import Translator, translator
from app.rules.judge import counts
from app.rules.lanes import NEUTRALITY
from app.rules.notes import Note
from app.rules.signals import FACE_CODES, Assessment, Param, Signal

LONGEST_QUOTE = 120
REASONS = 3
SAID_BY = {
    "FACE_AND_GESTURE": ("FACE_MATCH", "FACE_POSSIBLE", "GESTURE"),
    "FACE_AND_TEXT": ("FACE_MATCH", "FACE_POSSIBLE"),
    "TEXT_AND_GESTURE": ("GESTURE",),
}
"""Conjunctions and the signals that they make superfluous in a list of reasons."""
SEEN = ("matched", "none", "blurred", "too_small", "not_compared", "uncalibrated")
UNSAID = ("MASA_TENANG", "SUBJECT_DUTY", "GROUP_POSE")
"""Circumstances that weigh but are no reason by themselves."""
NOTED = ("repeat", "before_draw", "assumed", "adopted", "other")
"""Parameters that add a sentence on how a signal was counted."""


def sentence(signal: Signal, contest: Contest, language: str) -> str:
    """One sentence about a signal, with the tags (F1, H1, T1) of what it is about, and notes on how it was counted."""
    tr = translator(language)
    if signal.field is not None:
        said = _text_sentence(signal, contest, tr)
    else:
        said = SENTENCES.get(signal.code, _plain_sentence)(signal, contest, tr)
    notes = [tr(f"note.{note}{_nowhere(note, contest)}") for note in NOTED if signal.params.get(note)]
    return " ".join([_capital(said), *notes])


def summary(assessment: Assessment, contest: Contest, language: str) -> str:
    """What was found, in a few sentences: band, pair, direction, main reasons, what speaks against, other pairs."""
    tr = translator(language)
    if not assessment.flagged:
        return tr("summary.none")
    counting = [signal for signal in assessment.signals if counts(signal, assessment)]
    speaking = [signal for signal in counting if signal.weight > 0 and signal.code not in UNSAID]
    against = _labels((signal for signal in counting if signal.weight < 0), tr)
    others = dict.fromkeys(
        signal.paslon for signal in assessment.signals if signal.weight > 0 and not counts(signal, assessment)
    )
    parts = [_headline(assessment, contest, _reasons(speaking, tr), tr)]
    if assessment.lane != NEUTRALITY:
        parts.append(tr(f"summary.lane.{assessment.lane}"))
    if assessment.band != "high" and len({signal.code for signal in speaking}) == 1:
        leaning = assessment.band == "low" or any(s.code in UNSAID and s.weight > 0 for s in counting)
        parts.append(tr("summary.single" if leaning else "summary.one"))
    if against:
        parts.append(tr("summary.against", reasons=_listed(against, tr)))
    if any(signal.code == "CONTRADICTION" for signal in assessment.signals):
        parts.append(tr("summary.contradiction"))
    if others:
        pairs = [_short(contest, paslon, tr) for paslon in others]
        parts.append(tr("summary.others", pairs=_listed(pairs, tr)))
    return " ".join([*parts, tr("summary.close")])


def faces_seen(kinds: Mapping[str, int], language: str) -> str:
    """How many faces there are and what could be said of them; `kinds`: those of SEEN."""
    tr = translator(language)
    parts = [tr.ntranslate(f"seen.{kind}", kinds[kind]) for kind in SEEN if kinds.get(kind)]
    return tr.ntranslate("seen.faces", sum(kinds.values()), parts=_listed(parts, tr))


def stage_name(code: str, language: str) -> str:
    """The words for a stage: "masa tenang"."""
    return translator(language)(f"stage.{code}")


def label_of(code: str, language: str) -> str:
    """A kind of finding in two or three words: "ajakan tegas"."""
    return translator(language)(f"label.{code}")


def pair_name(pair: Paslon, language: str) -> str:
    """A pair with its number and names: "nomor urut 2 (Bagus Tirtamaya – Nirmala Sekarwati)"."""
    tr = translator(language)
    label = pair.label if pair.candidates else tr("pair.empty")
    return _placed(pair, label if pair.number is None else tr("pair.full", number=pair.number, label=label), tr)


def article_text(code: str, language: str) -> str:
    """An act of the SKB as a candidate article: "D7 – Memposting foto bersama calon …"."""
    tr = translator(language)
    return tr("article.line", code=code, act=tr(f"article.{code}"))


def sanction_text(sanction: str, language: str, subject: str = "pns") -> str:
    """The words for Act.sanction as it falls on this kind of subject; they say that a person must confirm it."""
    tr = translator(language)
    own = f"sanction.{sanction}.{subject}"
    return tr(own if tr.has(own) else f"sanction.{sanction}")


def lane_name(lane: str, language: str) -> str:
    """The words for a lane: "hoaks/survei palsu"."""
    return translator(language)(f"lane.{lane}")


def note_text(note: Note, language: str, timezone: str) -> str:
    """A note to the reviewer; moments on the clocks of `timezone` (an IANA name)."""
    tr = translator(language)
    return tr(
        f"reviewer.{note.code}", **{name: _said(name, value, tr, timezone) for name, value in note.params.items()}
    )


def _said(name: str, value: date | datetime | int | str, tr: Translator, timezone: str) -> str:
    if isinstance(value, int):
        return str(value)
    if isinstance(value, datetime):
        zone = ZoneInfo(timezone)
        return str(format_datetime(value, "d MMM y HH.mm zzz", tzinfo=zone, locale=tr.language))
    if isinstance(value, date):
        return str(format_date(value, "d MMM y", locale=tr.language))
    return tr(f"{name}.{value}")


def _headline(assessment: Assessment, contest: Contest, reasons: list[str], tr: Translator) -> str:
    pair = contest.by_id(assessment.paslon) if assessment.paslon else None
    key = "summary.flag" + (".unpaired" if assessment.paslon is None else "")
    params: dict[str, object] = {"band": tr(f"band.{assessment.band}"), "reasons": _listed(reasons, tr)}
    params["pair"] = pair_name(pair, tr.language) if pair else tr("pair.unknown")
    if assessment.direction is None:
        return tr(f"{key}.undirected", **params)
    return tr(key, direction=tr(f"direction.{assessment.direction}"), **params)


def _reasons(speaking: Sequence[Signal], tr: Translator) -> list[str]:
    """The main reasons, conjunctions first, without those that a conjunction already says."""
    said = {code for signal in speaking for code in SAID_BY.get(signal.code, ())}
    joint = _labels((signal for signal in speaking if signal.code in SAID_BY), tr)
    single = _labels((signal for signal in speaking if signal.code not in SAID_BY and signal.code not in said), tr)
    return [*joint, *single][:REASONS]


def _labels(signals: Iterable[Signal], tr: Translator) -> list[str]:
    strongest = sorted(signals, key=lambda signal: -abs(signal.weight))
    return list(dict.fromkeys(tr(f"label.{signal.code}") for signal in strongest))


def _listed(items: list[str], tr: Translator) -> str:
    return format_list(items, locale=tr.language)


def _text_sentence(signal: Signal, contest: Contest, tr: Translator) -> str:
    source = "source.caption" if signal.field == "caption" else "source.picture"
    line = signal.params.get("line", (signal.line or 0) + 1)
    suffixes = [".contra"] if signal.direction == "contra" else []
    keys = [f"signal.{signal.code}{suffix}" for suffix in (*suffixes, "")]
    if signal.paslon is None:
        keys = [key for base in keys for key in (f"{base}.unnamed", base)]
    key = next((key for key in keys if tr.has(key)), keys[-1])
    return tr(key, source=tr(source, line=line), pair=_short(contest, signal.paslon, tr), quoted=_quoted(signal, tr))


def _plain_sentence(signal: Signal, contest: Contest, tr: Translator) -> str:
    """A sentence without plural forms: faces, conjunctions, all pairs together, the quiet period."""
    params: dict[str, object] = {**signal.params, "quoted": _quoted(signal, tr)}
    params["pair"] = (_role if signal.code in FACE_CODES else _short)(contest, signal.paslon, tr)
    params["candidate"] = _candidate(contest, signal.params.get("candidate"), tr)
    if "subject" in params:
        params["subject"] = tr(f"subject.{params['subject']}")
    if "gesture" in params:
        params["gesture"] = tr(f"gesture.{params['gesture']}")
    variant = f".{params['by']}" if "by" in params else ""
    return tr(f"signal.{signal.code}{variant}", **params)


def _gesture_sentence(signal: Signal, contest: Contest, tr: Translator) -> str:
    pose = str(signal.params["gesture"])
    variant = ".salam" if signal.params.get("reading") == "salam" else ".both" if pose.endswith("_2h") else ""
    if signal.code != "GESTURE":
        variant = _nowhere(signal.code, contest)
    return tr.ntranslate(
        f"signal.{signal.code}{variant}",
        int(signal.params["count"]),
        gesture=_capital(tr(f"gesture.{pose}")),
        hand=signal.params["hand"],
        pair=_short(contest, signal.paslon, tr),
    )


def _nowhere(said: str, contest: Contest) -> str:
    """Where no contest is named, that is why a number means nothing, and no drawing."""
    return ".nowhere" if contest.id == NOWHERE and said in ("BEFORE_DRAW", "before_draw") else ""


def _contradiction_sentence(signal: Signal, contest: Contest, tr: Translator) -> str:
    pairs = {f"pair_{side}": _short(contest, str(signal.params[f"paslon_{side}"]), tr) for side in "ab"}
    gesture = tr(f"gesture.{signal.params['gesture']}")
    key = f"signal.CONTRADICTION.{signal.params['between']}"
    return tr(key, gesture=gesture, hand=signal.params["hand"], **pairs)


def _account_sentence(signal: Signal, contest: Contest, tr: Translator) -> str:
    pair = _short(contest, str(signal.params["paslon_a"]), tr)
    return tr("signal.CAMPAIGN_ACCOUNT", pair=pair, account=signal.params["account"])


SENTENCES: Mapping[str, Callable[[Signal, Contest, Translator], str]] = {
    "GESTURE": _gesture_sentence,
    "NEUTRAL_POSE": _gesture_sentence,
    "BEFORE_DRAW": _gesture_sentence,
    "CONTRADICTION": _contradiction_sentence,
    "CAMPAIGN_ACCOUNT": _account_sentence,
}


def _short(contest: Contest, paslon: str | None, tr: Translator) -> str:
    """A pair in a few words: "nomor urut 2", its names where it has no number."""
    pair = contest.by_id(paslon) if paslon else None
    if pair is None:
        return tr("pair.none" if paslon is None else "pair.unknown")
    if not pair.candidates:
        return tr("pair.empty")
    return _placed(pair, pair.label if pair.number is None else tr("pair.short", number=pair.number), tr)


def _placed(pair: Paslon, said: str, tr: Translator) -> str:
    """With the name of its contest where that is another one: both have a number 2."""
    return tr("pair.elsewhere", pair=said, contest=pair.contest) if pair.contest else said


def _role(contest: Contest, paslon: str | None, tr: Translator) -> str:
    """What a person is in the contest: "calon nomor urut 2"."""
    pair = contest.by_id(paslon) if paslon else None
    if pair is None:
        return tr("candidate.unnumbered")
    numbered = pair.number is not None
    return _placed(pair, tr("candidate.numbered", number=pair.number) if numbered else tr("candidate.unnumbered"), tr)


def _candidate(contest: Contest, candidate: Param | None, tr: Translator) -> str:
    names = (person.name for pair in contest.everybody for person in pair.candidates if person.id == candidate)
    return next(names, tr("candidate.unknown"))


def _quoted(signal: Signal, tr: Translator) -> str:
    quote = " ".join((signal.quote or "").split())
    if not quote:
        return ""
    return tr("quoted", quote=quote if len(quote) <= LONGEST_QUOTE else quote[: LONGEST_QUOTE - 1] + "…")


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]

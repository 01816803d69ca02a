"""The findings of an item: cards and lines of the list, and the texts in which they are marked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.rules.wording import label_of
from app.web.folding import Fold
from app.web.spans import Excerpt, excerpt, pieces
from app.web.words import Words

Json = dict[str, Any]
FULL_WEIGHT = 4.0
"""The log-odds at which a bar without a measurement is full."""
CARDS, LINES, READ = 8, 40, 24
"""How many findings of a group have a card, how many more a line, and lines of pictures, until all are asked for."""
PLACES, NEAR = 5, 24
"""Of equal findings so many places are named, each with so many characters around it."""


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar of 0..100 with an optional tick at the threshold, and its words."""

    value: float
    limit: float | None
    style: str
    label: str


def groups(item: Json, folds: Sequence[Fold], t: Words, *, whole: bool) -> list[Json]:
    """The findings that add weight, those that lower it, and the rest; the weightiest first. Of many, the first have
    cards and the others a line each; `hidden` counts those that only the whole page shows."""
    sorted_in: dict[str, list[Fold]] = {"for": [], "against": [], "other": []}
    for found in sorted(folds, key=lambda found: -abs(found.head["weight"])):
        head = found.head
        sorted_in["for" if head["for"] else "against" if head["weight"] < 0 else "other"].append(found)
    used: set[str] = set()
    made = []
    for code, here in sorted_in.items():
        shown = here if whole else here[: CARDS + LINES]
        is_card = [place < CARDS or found.head["kind"] == "face" for place, found in enumerate(shown)]
        cards = [_card(item, found, t, used) for found, card in zip(shown, is_card, strict=True) if card]
        rest = [_line(found, t, used) for found, card in zip(shown, is_card, strict=True) if not card]
        if cards:
            made.append({"code": code, "signals": cards, "more": rest, "hidden": len(here) - len(shown)})
    return made


def _anchor(tag: str, used: set[str]) -> str | None:
    """The address of a finding in the list: the first of a tag has it."""
    if tag in used:
        return None
    used.add(tag)
    return f"s-{tag}"


def _line(found: Fold, t: Words, used: set[str]) -> Json:
    head, count = found.head, len(found.members)
    return head | {"anchor": _anchor(head["tag"], used), "count": count, "label": label_of(head["code"], t.language)}


def _card(item: Json, found: Fold, t: Words, used: set[str]) -> Json:
    signal = found.head
    reference = signal["reference"]
    several = len(item["images"]) > 1 and signal["picture"] is not None
    is_face = signal["kind"] == "face" and signal["box"] is not None
    return signal | {
        "anchor": _anchor(signal["tag"], used),
        "href": f"/antrean/{item['id']}?gambar={signal['picture'] + 1}" if several else None,
        "crop": f"/media/flags/{item['id']}/faces/{signal['tag']}" if is_face else None,
        "candidate": reference["candidate"] if reference else "",
        "photos": _photos(reference, t) if reference else [],
        "bar": bar(signal, t),
        "count": len(found.members),
        "places": places_of(item, found),
    }


def _photos(reference: Json, t: Words) -> list[Json]:
    """The registered photos, the closest first: their addresses and which of how many each is."""
    photos = reference["photos"]
    return [
        {
            "href": f"/media/references/{photo}",
            "closest": photo == reference["closest"],
            "of": t("face.of", n=t.number(number), count=t.number(len(photos))),
        }
        for number, photo in enumerate(photos, 1)
    ]


def places_of(item: Json, found: Fold) -> list[Json]:
    """Where the first of several equal findings stand: the words around them in the caption, else the picture."""
    if len(found.members) == 1:
        return []
    text = item["text"]["caption"]
    made = []
    for signal in found.members[:PLACES]:
        start, end = signal["span"] or (0, 0)
        around = text[max(start - NEAR, 0) : end + NEAR] if signal["field"] == "caption" else ""
        made.append({"tag": signal["tag"], "around": " ".join(around.split()), "picture": signal["picture"]})
    return made


def bar(signal: Mapping[str, Any], t: Words) -> Bar | None:
    """The measurement against its threshold; where there is none, how much the signal weighs."""
    score, threshold, weight = signal["score"], signal["threshold"], signal["weight"]
    style = "against" if weight < 0 else "value"
    sign = "−" if weight < 0 else "+"
    weighs = t("signal.weight", weight=f"{sign}{t.number(abs(weight), 1)}")
    if score is not None and threshold is not None and 0 <= score <= 1:
        measured = t("signal.measured", score=t.number(score, 2), threshold=t.number(threshold, 2))
        return Bar(round(score * 100, 2), round(threshold * 100, 2), style, f"{measured} · {weighs}")
    if weight == 0:
        return None
    return Bar(round(min(abs(weight) / FULL_WEIGHT, 1.0) * 100, 2), None, style, weighs)


def caption(item: Json, shown: Mapping[str, str], *, whole: bool) -> Excerpt:
    """The post's text with the spans of the signals found in it, under the tags that the list shows (`shown`). Of a
    long one the lines around the weightiest, unless the whole is asked for."""
    found = [s for s in item["signals"] if s["field"] == "caption" and s["span"]]
    found.sort(key=lambda signal: -abs(signal["weight"]))
    spans = [(*signal["span"], shown[signal["tag"]]) for signal in found]
    text = item["text"]["caption"]
    return Excerpt((tuple(pieces(text, spans)),), 0, False, False) if whole and text else excerpt(text, spans)


def named(text: Excerpt) -> list[str]:
    """The tags that are marked in what is shown of a text, in its order."""
    return list(dict.fromkeys(tag for part in text.parts for piece in part for tag in piece.by))


def reasons(item: Json, t: Words) -> dict[str, str]:
    """What each tag stands for, in a few words: the finding, and the number of the pair it points to."""
    found: dict[str, list[str]] = {}
    for signal in item["signals"]:
        number = signal["paslon"]["number"] if signal["paslon"] else None
        pair = "" if number is None else f" ({t('pair.numbered', number=number)})"
        found.setdefault(signal["tag"], []).append(f"{label_of(signal['code'], t.language)}{pair}")
    return {tag: "; ".join(dict.fromkeys(words)) for tag, words in found.items()}


def lines(item: Json, shown: Mapping[str, str], *, whole: bool) -> Json:
    """The lines read in the pictures, with their marked spans; `hidden` counts those that only the whole page shows,
    marked ones come first into view."""
    spans: dict[tuple[int, int], list[tuple[int, int, str]]] = {}
    for signal in item["signals"]:
        if signal["field"] == "picture" and signal["span"]:
            place = signal["picture"], signal["line"]
            spans.setdefault(place, []).append((*signal["span"], shown[signal["tag"]]))
    read = item["text"]["lines"]
    places = [(line["picture"], line["line"]) for line in read]
    first = set(sorted(places, key=lambda place: place not in spans)[: None if whole else READ])
    rows = [
        {"picture": line["picture"], "pieces": pieces(line["text"], spans.get(place, []))}
        for line, place in zip(read, places, strict=True)
        if place in first
    ]
    return {"rows": rows, "hidden": len(read) - len(rows)}

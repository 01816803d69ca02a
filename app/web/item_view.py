"""From the explanation object to what the item page draws: picture, groups of signals, marked text, time line."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from app.intake.upload import is_web_address
from app.web.overlay import Mark, marks
from app.web.spans import Piece, pieces
from app.web.words import Words

Json = dict[str, Any]
FULL_WEIGHT = 4.0
"""The log-odds at which a bar without a measurement is full."""


@dataclass(frozen=True, slots=True)
class Picture:
    """The picture on show. `revealed`: this reader has lifted the blur before; `clear`: it is shown without blur."""

    position: int
    width: int
    height: int
    href: str
    marks: list[Mark]
    revealed: bool
    clear: bool


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar of 0..100 with an optional tick at the threshold, and its words."""

    value: float
    limit: float | None
    style: str
    label: str


def worded(item: Json, language: str) -> list[Json]:
    """The signals with `sentence` in the reader's language, in the explanation's order."""
    return [signal | {"sentence": signal[f"sentence_{language}"]} for signal in item["signals"]]


def picture(
    item: Json, signals: Sequence[Json], wanted: int | None, *, revealed: bool, blurred: bool
) -> Picture | None:
    """The wanted picture (its position), else the first that carries a mark, else the first; None without pictures."""
    images = item["images"]
    if not images:
        return None
    boxed = places(signals)
    marked = [signal["picture"] for signal in boxed]
    position = wanted if wanted is not None and 0 <= wanted < len(images) else min(marked, default=0)
    image = images[position]
    here = [signal for signal in boxed if signal["picture"] == position]
    clear = revealed and not blurred
    return Picture(
        position=position,
        width=image["width"],
        height=image["height"],
        href=image["url"] if clear else image["blurred_url"],
        marks=marks(here, image["width"], image["height"]),
        revealed=revealed,
        clear=clear,
    )


def places(signals: Iterable[Json]) -> list[Json]:
    """One signal for each marked place, named by its tag, with the sentences of all that were found there."""
    found: dict[str, Json] = {}
    for signal in signals:
        if signal["box"] is None:
            continue
        first = found.setdefault(signal["tag"], signal)
        if first is not signal:
            found[signal["tag"]] = first | {"sentence": f"{first['sentence']} {signal['sentence']}"}
    return list(found.values())


def images(item: Json, signals: Sequence[Json]) -> list[Json]:
    """The pictures, each with the number of its marks."""
    boxed = [signal["picture"] for signal in places(signals)]
    return [image | {"marks": boxed.count(image["position"])} for image in item["images"]]


def articles(item: Json, language: str) -> list[Json]:
    """The candidate articles in the reader's language."""
    return [{"text": row[f"text_{language}"], "sanction": row[f"sanction_{language}"]} for row in item["articles"]]


def groups(item: Json, signals: Iterable[Json], t: Words) -> list[Json]:
    """The signals that speak for it, those that speak against it, and the rest; the weightiest first."""
    sorted_in: dict[str, list[Json]] = {"for": [], "against": [], "other": []}
    for signal in sorted(signals, key=lambda signal: -abs(signal["weight"])):
        code = "for" if signal["for"] else "against" if signal["weight"] < 0 else "other"
        sorted_in[code].append(_card(item, signal, t))
    anchors = {card["tag"]: card for code in ("other", "against", "for") for card in reversed(sorted_in[code])}
    for card in anchors.values():
        card["anchor"] = f"s-{card['tag']}"
    return [{"code": code, "signals": cards} for code, cards in sorted_in.items() if cards]


def _card(item: Json, signal: Json, t: Words) -> Json:
    reference = signal["reference"]
    photos = reference["photos"] if reference else []
    several = len(item["images"]) > 1 and signal["picture"] is not None
    is_face = signal["kind"] == "face" and signal["box"] is not None
    return signal | {
        "anchor": None,
        "href": f"/antrean/{item['id']}?gambar={signal['picture'] + 1}" if several else None,
        "crop": f"/media/flags/{item['id']}/faces/{signal['tag']}" if is_face else None,
        "candidate": reference["candidate"] if reference else "",
        "photos": [
            {"href": f"/media/references/{photo}", "closest": photo == reference["closest"]} for photo in photos
        ],
        "bar": bar(signal, t),
    }


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


def caption(item: Json) -> list[Piece]:
    """The post's text with the spans of the signals found in it."""
    found = [(*s["span"], s["tag"]) for s in item["signals"] if s["field"] == "caption" and s["span"]]
    return pieces(item["text"]["caption"], found)


def lines(item: Json) -> list[Json]:
    """The lines read in the pictures, with their marked spans."""
    spans: dict[tuple[int, int], list[tuple[int, int, str]]] = {}
    for signal in item["signals"]:
        if signal["field"] == "picture" and signal["span"]:
            spans.setdefault((signal["picture"], signal["line"]), []).append((*signal["span"], signal["tag"]))
    return [
        {"picture": line["picture"], "pieces": pieces(line["text"], spans.get((line["picture"], line["line"]), []))}
        for line in item["text"]["lines"]
    ]


def context(item: Json, t: Words) -> Json:
    """Where the post came from; its address is a link only when it is a web address."""
    given: Json = item["context"]
    zone = given["contest"]["timezone"]
    return given | {
        "act_date": t.day(date.fromisoformat(given["act_date"])),
        "known_date": t.day(date.fromisoformat(given["known_date"])),
        "received_at": t.moment(datetime.fromisoformat(given["received_at"]), zone),
        "platform_name": t.either(f"platform.{given['platform']}", given["platform"] or "–"),
        "link": given["url"] if is_web_address(given["url"]) else None,
    }


def versions(item: Json, t: Words) -> list[tuple[str, str]]:
    """Names and values of models, rules and timings (milliseconds), for the record."""
    rows = [(name, str(value)) for name, value in item["versions"].items()]
    timings = item["timings"].items()
    rows += [(f"{name} (ms)", t.number(value, 1)) for name, value in timings if isinstance(value, int | float)]
    return rows

"""From the explanation object to what the item page draws: the picture with its marks, the articles, the context."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from app.intake.upload import is_web_address
from app.web.overlay import Mark, marks
from app.web.words import Words

Json = dict[str, Any]


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

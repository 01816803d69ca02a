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
UNCOMPARED = ("too_small", "not_compared")


@dataclass(frozen=True, slots=True)
class Picture:
    """The picture on show. `revealed`: this reader has lifted the blur before; `clear`: it is shown without blur.
    `faint` are boxes of faces that could not be compared, `seen` a sentence about all of its faces."""

    position: int
    width: int
    height: int
    href: str
    marks: list[Mark]
    revealed: bool
    clear: bool
    faint: list[tuple[float, float, float, float]]
    seen: Json | None


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
        faint=faint(item["faces"], position, image["width"], image["height"]),
        seen=next((said for said in item["seen"] if said["picture"] == position), None),
    )


def faint(faces: Sequence[Json], position: int, width: int, height: int) -> list[tuple[float, float, float, float]]:
    """Left, top, width and height of the faces of a picture that were seen and not compared, within it."""
    found = []
    for face in faces:
        if face["picture"] == position and face["band"] in UNCOMPARED:
            x0, y0, x1, y1 = face["box"]
            x0, x1 = sorted((min(max(x0, 0.0), width), min(max(x1, 0.0), width)))
            y0, y1 = sorted((min(max(y0, 0.0), height), min(max(y1, 0.0), height)))
            found.append((round(x0, 1), round(y0, 1), round(x1 - x0, 1), round(y1 - y0, 1)))
    return found


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

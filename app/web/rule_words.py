"""The values of a rule set in plain words: what a number weighs, and in which direction a draft moves it."""

from __future__ import annotations

from dataclasses import dataclass

from app.i18n import translator
from app.rules.revise import Change
from app.web.words import Words

LABELLED = ("weights", "unnamed", "possible")


@dataclass(frozen=True, slots=True)
class Worded:
    """One value that differs: what it is, both values, and what follows from the difference."""

    what: str
    before: str
    after: str
    meaning: str


def change_words(change: Change, t: Words) -> Worded:
    """The change in words of the reader's language; a name that the catalogues lack stands as it is."""
    group, _, name = change.name.partition(".")
    before, after = (t.number(value, 2) if value is not None else "–" for value in (change.before, change.after))
    return Worded(what(group, name, t), before, after, _meaning(group, change, t))


def what(group: str, name: str, t: Words) -> str:
    """What a value is: "Bobot: gestur", "Ambang tingkat rendah"."""
    key = f"rules.group.{group}"
    return t(key, name=_name(group, name, t)) if t.translate.has(key) else f"{group}.{name}"


def _name(group: str, name: str, t: Words) -> str:
    signals = translator(t.language)
    keys = {"bands": f"band.{name}", "repeat": f"rules.family.{name}"}
    if group in keys:
        return t.either(keys[group], name)
    key = f"gesture.{name}" if group == "poses" else f"label.{name}"
    return signals(key) if signals.has(key) else name


def _meaning(group: str, change: Change, t: Words) -> str:
    if change.before is None or change.after is None:
        return t("rules.meaning.added" if change.before is None else "rules.meaning.removed")
    direction = "more" if change.after > change.before else "less"
    kind = "band" if group == "bands" else "value"
    return t(f"rules.meaning.{kind}.{direction}")


def faults(detail: str, t: Words) -> tuple[str, list[str]]:
    """A refusal of a rules file as a headline and every fault found, in the reader's language: the text is
    "headline / headline: fault / fault; fault / fault"."""
    head, colon, rest = detail.partition(": ")
    return t.one_of(head), [_fault(part, t) for part in rest.split("; ")] if colon else []


def _fault(text: str, t: Words) -> str:
    """One fault; the code before it and the parser's own words after it belong to both languages."""
    own, slash, other = text.partition(" / ")
    if not slash:
        return text
    code, colon, first = own.partition(": ")
    second, told, parser = other.partition(": ")
    said = (first if colon else own) if t.language == "id" else second
    return (f"{code}: " if colon else "") + said + (f": {parser}" if told else "")

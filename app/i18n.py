"""What users read, from gettext catalogs with symbolic keys: Indonesian first, English second."""

from __future__ import annotations

import gettext
import io
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

LANGUAGES = ("id", "en")


class MissingMessage(LookupError):
    """A key that a catalog does not have: a fault of the program, found by the tests."""


@dataclass(frozen=True, slots=True)
class Translator:
    """Words messages in one language. Calling it fills `{name}` placeholders with the parameters; the result is plain
    text, to be escaped where it is shown. Raises MissingMessage for an unknown key."""

    language: str
    domain: str = "netra"

    def __call__(self, msgid: str, /, **params: object) -> str:
        """The message of a key."""
        text = _translations(self.language, self.domain).gettext(msgid)
        if text == msgid:
            raise MissingMessage(f"{self.language}: {msgid}")
        return text.format(**params)

    def ntranslate(self, msgid: str, count: int, /, **params: object) -> str:
        """The message of a key in the form that `count` takes; `{count}` may stand in it."""
        text = _translations(self.language, self.domain).ngettext(msgid, msgid, count)
        if text == msgid:
            raise MissingMessage(f"{self.language}: {msgid} (plural)")
        return text.format(count=count, **params)

    def has(self, msgid: str) -> bool:
        """Whether the catalog has this key."""
        return msgid in messages(self.language, self.domain)


@cache
def translator(language: str, domain: str = "netra") -> Translator:
    """The translator of a language tag ("id", "en-GB"); other languages are served in Indonesian. `domain` names the
    catalog files: netra for signals and reports, console for the words of the pages."""
    tag = language.lower().replace("_", "-").split("-")[0]
    return Translator(tag if tag in LANGUAGES else LANGUAGES[0], domain)


@cache
def messages(language: str, domain: str = "netra") -> Mapping[str, tuple[str, ...]]:
    """Every key of a catalog with its message, or with all its plural forms."""
    found: dict[str, tuple[str, ...]] = {}
    for message in _catalog(language, domain):
        if message.id:
            key = message.id if isinstance(message.id, str) else message.id[0]
            found[key] = (message.string,) if isinstance(message.string, str) else tuple(message.string or ())
    return found


@cache
def _catalog(language: str, domain: str) -> Catalog:
    """All files of a domain as one: `console.po`, `console.work.po` and so on. Raises ValueError for a key in two."""
    folder = files("app").joinpath("locales", language, "LC_MESSAGES")
    parts = sorted(path.name for path in folder.iterdir() if path.name.startswith(f"{domain}."))
    whole = Catalog(locale=language)
    for name in parts:
        for message in read_po(io.BytesIO(folder.joinpath(name).read_bytes()), locale=language, abort_invalid=True):
            if message.id and message.id in whole:
                raise ValueError(f"{language}/{name}: {message.id} stands in another file too")
            whole[message.id] = message
    return whole


@cache
def _translations(language: str, domain: str) -> gettext.GNUTranslations:
    compiled = io.BytesIO()
    write_mo(compiled, _catalog(language, domain))
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)

"""The console without a browser: wording, geometry, marked text."""

from __future__ import annotations

import ast
import re
import string
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from app.auth.principal import ROLES
from app.i18n import messages
from app.intake.upload import CAPTURE_METHODS, PLATFORMS, SUBJECT_TYPES, is_web_address
from app.review.filters import BANDS
from app.review.reasons import CONFIRM_REASONS, DISMISS_REASONS
from app.review.workflow import STATES
from app.web.audit_log import actions
from app.web.findings import bar
from app.web.item_look import REVEAL_REASONS
from app.web.item_view import places
from app.web.overlay import marks
from app.web.page import environment, local_path
from app.web.spans import pieces
from app.web.suggest import confirm_reason, dismiss_reason
from app.web.words import words

WEB = Path(__file__).resolve().parents[2] / "app" / "web"
MOMENT = datetime(2029, 9, 2, 1, 15, tzinfo=UTC)


# -- words ----------------------------------------------------------------------------------------------------------


def test_both_catalogs_say_the_same_things() -> None:
    indonesian, english = messages("id", "console"), messages("en", "console")
    assert indonesian.keys() == english.keys()
    for key, texts in indonesian.items():
        assert all(texts), key
        assert all(english[key]), key
        assert placeholders(texts[-1]) == placeholders(english[key][-1]), key


def placeholders(text: str) -> set[str]:
    """Names in braces."""
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_every_text_that_a_page_names_exists() -> None:
    known = messages("id", "console")
    named = set()
    for path in (*WEB.rglob("*.html"), *WEB.glob("*.py")):
        named |= set(re.findall(r"\bt(?:\.plural)?\(\s*['\"]([a-z][\w.?-]*[\w?])['\"]", path.read_text()))
        named |= set(re.findall(r"'([a-z_]+\.[a-z_.]+)' (?:if|else)\b", path.read_text()))
    assert len(named) > 150
    assert named - known.keys() == set()


@pytest.mark.parametrize(
    ("prefix", "codes"),
    [
        ("reason", CONFIRM_REASONS + DISMISS_REASONS), ("reveal", REVEAL_REASONS), ("state", STATES), ("band", BANDS),
        ("platform", PLATFORMS[1:]), ("subject", SUBJECT_TYPES), ("capture", CAPTURE_METHODS), ("role", ROLES),
        ("toast", ("confirm", "dismiss")), ("submission", ("queued", "screened", "flagged", "failed")),
        ("kind", ("face", "hand", "text", "context", "rule")), ("track", ("kode_etik", "disiplin")),
    ],
)  # fmt: skip
def test_every_code_has_its_words(prefix: str, codes: tuple[str, ...]) -> None:
    for language in ("id", "en"):
        assert {f"{prefix}.{code}" for code in codes} <= messages(language, "console").keys()


@pytest.mark.parametrize(
    ("zone", "expected"),
    [
        ("Asia/Jakarta", "2 Sep 2029 08.15 WIB"),
        ("Asia/Makassar", "2 Sep 2029 09.15 WITA"),
        ("Asia/Jayapura", "2 Sep 2029 10.15 WIT"),
    ],
)
def test_moments_stand_on_the_contest_s_clock(zone: str, expected: str) -> None:
    assert words("id").moment(MOMENT, zone) == expected
    assert words("en").moment(MOMENT, zone) == expected.replace(".", ":")


def test_numbers_dates_ages_and_plurals() -> None:
    indonesian, english = words("id"), words("en")
    assert (indonesian.number(1234.5, 1), english.number(1234.5, 1)) == ("1.234,5", "1,234.5")
    assert indonesian.day(date(2029, 8, 17)) == "17 Agu 2029"
    assert indonesian.age(MOMENT, MOMENT + timedelta(hours=3)) == "3 jam"
    assert english.plural("queue.waiting", 1) == "1 item waits for a decision."
    assert english.plural("queue.waiting", 2000) == "2,000 items wait for a decision."
    assert indonesian.plural("queue.waiting", 2000) == "2.000 butir menunggu putusan."


def test_an_error_is_told_in_one_language() -> None:
    assert words("id").one_of("Salah / Wrong") == "Salah"
    assert words("en").one_of("Salah / Wrong / again") == "Wrong / again"
    assert words("en").one_of("Salah") == "Salah"


# -- what is drawn --------------------------------------------------------------------------------------------------


def test_marked_runs_survive_overlaps_and_wild_spans() -> None:
    text = "Ayo pilih nomor 2 ✌️"
    runs = pieces(text, [(0, 9, "K1"), (4, 17, "K2"), (90, 99, "K3"), (5, 5, "K4")])
    assert "".join(run.text for run in runs) == text
    assert [(run.text, run.marked, run.tags) for run in runs] == [
        ("Ayo ", True, ()), ("pilih", True, ("K1",)), (" nomor 2", True, ("K2",)), (" ✌️", False, ()),
    ]  # fmt: skip
    assert pieces("", []) == []


def test_tags_stay_inside_the_picture_and_off_each_other() -> None:
    signals = [
        {"tag": f"F{n}", "kind": kind, "box": box, "sentence": ""}
        for n, (kind, box) in enumerate(
            [("face", [0, 0, 50, 60]), ("hand", [10, 5, 60, 70]), ("text", [380, 280, 420, 320])], 1
        )
    ]
    drawn = marks(signals, 400, 300)
    assert [mark.kind for mark in drawn] == ["face", "hand", "text"]
    for mark in drawn:
        assert mark.tag_x >= 0
        assert mark.tag_x + mark.tag_width <= 400
        assert mark.tag_y >= 0
        assert mark.tag_y + mark.tag_height <= 300
        assert 0 <= mark.x <= mark.x + mark.width <= 400
    first, second = drawn[:2]
    assert abs(first.tag_y - second.tag_y) >= first.tag_height or abs(first.tag_x - second.tag_x) >= first.tag_width


def test_a_place_is_marked_once_however_much_was_found_there() -> None:
    line = {"tag": "T1", "kind": "text", "box": [0, 0, 9, 9], "picture": 0}
    found = [line | {"sentence": "Satu."}, line | {"sentence": "Dua."}, line | {"tag": "K1", "box": None}]
    assert [(place["tag"], place["sentence"]) for place in places(found)] == [("T1", "Satu. Dua.")]


def test_a_bar_tells_measurement_threshold_or_weight() -> None:
    t = words("id")
    measured = bar({"score": 0.71, "threshold": 0.64, "weight": 2.2}, t)
    assert measured is not None
    assert (measured.value, measured.limit, measured.label) == (71.0, 64.0, "Skor 0,71, ambang 0,64 · bobot +2,2")
    against = bar({"score": None, "threshold": None, "weight": -1.0}, t)
    assert against is not None
    assert (against.value, against.limit, against.style) == (25.0, None, "against")
    assert bar({"score": None, "threshold": None, "weight": 0.0}, t) is None


def test_reasons_follow_from_the_signals() -> None:
    face = {"kind": "face", "code": "FACE_MATCH", "for": True, "weight": 2.2}
    hand = {"kind": "hand", "code": "GESTURE", "for": True, "weight": 2.0}
    news = {"kind": "context", "code": "BERITA", "for": False, "weight": -1.0}
    assert confirm_reason([face, hand]) == "photo_with_candidate_and_symbol"
    assert confirm_reason([hand]) == "gesture_with_context"
    assert (dismiss_reason([face, hand]), dismiss_reason([hand])) == ("look_alike", "gesture_without_context")
    assert dismiss_reason([face, news]) == "news_or_official"


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "data:text/html,x", "//host", "http://", "http://[", "ftp://a", "http://a b"]
)
def test_only_web_addresses_become_links(url: str) -> None:
    assert not is_web_address(url)
    assert is_web_address("https://contoh.id/p/1")


@pytest.mark.parametrize("path", ["//evil.example", "/\\evil.example", "https://evil.example", "", "/a\nb"])
def test_nobody_is_led_to_another_site(path: str) -> None:
    assert local_path(path) == "/"
    assert local_path("/antrean?a=1") == "/antrean?a=1"


def test_templates_escape_and_carry_no_inline_code() -> None:
    assert environment().autoescape is True
    for path in WEB.rglob("*.html"):
        text = path.read_text()
        assert not re.search(r"\son[a-z]+=|\sstyle=|<style|<script(?! type=\"module\" src=)|\|\s*safe\b", text), path


def test_every_act_of_the_code_has_a_name() -> None:
    named = set()
    for path in WEB.parent.rglob("*.py"):
        for call in (node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)):
            if ast.unparse(call.func) == "audit.append" and isinstance(call.args[2], ast.Constant):
                named.add(call.args[2].value)
    assert len(named) > 12
    decided = {f"flag.{act}" for act in ("confirm", "dismiss", "undo")}
    changed = {f"{kind}.{act}" for kind in ("election", "contest", "paslon") for act in ("created", "updated")}
    assert named | decided | changed <= set(actions())

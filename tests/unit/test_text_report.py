"""Measuring texts: what a file says, which texts are one witness, and what the shares count."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.errors import BadInput
from app.evaluation.near_texts import group_texts, half_of
from app.evaluation.text_json import text_json
from app.evaluation.text_registry import contests_in
from app.evaluation.text_report import judge_texts, report
from app.evaluation.text_sets import Sample, read_texts
from app.rules.facts import Facts
from app.rules.ruleset import load_rules
from tests.unit.text_contest import REGISTRY, muara_embun

LONG = "Warga berkumpul di balai desa membicarakan jalan kampung yang sudah lama rusak dan perlu diperbaiki"
KEYS = {"n", "precision", "recall", "f1", "flagged_rate", "direction_accuracy", "paslon_accuracy", "ms_per_text"}


def test_every_format_is_read(tmp_path: Path) -> None:
    lines, table, plain = tmp_path / "a.jsonl", tmp_path / "b.csv", tmp_path / "c.txt"
    lines.write_text(
        '{"text": "a", "label": "partisan", "paslon": 2, "signals": ["NAMA"], "kind": "k", "stance": "contra"}\n\n'
        '{"text": "b", "label": "non_partisan", "paslon": null, "stance": "pro"}\n{"text": "c"}\n'
    )
    table.write_text('text,label,tokoh,group\n"d, e\nf",attack,Arman,g1\nh,neutral,,g2\n')
    plain.write_text("\ufeffsatu\n\n  dua \u2028 tiga\n")
    assert read_texts(lines) == (
        Sample("a", True, "contra", "2", "k", frozenset({"NAMA"})),
        Sample("b", False),
        Sample("c"),
    )
    assert read_texts(table) == (
        Sample("d, e\nf", True, "contra", "Arman", account="g1"),
        Sample("h", False, account="g2"),
    )
    assert [one.text for one in read_texts(plain)] == ["satu", "dua \u2028 tiga"]


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.jsonl", '{"text": "a", "label": "maybe"}', "unknown label: maybe"),
        ("a.jsonl", "[1]", '"text" is missing'),
        ("a.jsonl", '{"text": 3}', '"text" is missing'),
        ("a.jsonl", "{", "not JSON"),
        ("a.csv", "words,label\nx,pro\n", 'no column "text"'),
        ("a.txt", "\n \n", "No text"),
    ],
)
def test_what_cannot_be_read_is_said(tmp_path: Path, name: str, content: str, said: str) -> None:
    path = tmp_path / name
    path.write_text(content)
    with pytest.raises(BadInput, match=said):
        read_texts(path)
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(BadInput, match="Not readable"):
        read_texts(path)


@pytest.mark.parametrize(
    "document", [[], {"x": 1}, {"pairs": [{"number": 1}]}, {"pairs": [{"head": "A", "number": "q"}]}]
)
def test_a_broken_list_of_names_is_refused(document: object) -> None:
    with pytest.raises(BadInput, match="refused"):
        contests_in(document)


def test_near_duplicates_and_accounts_are_one_group() -> None:
    texts = [LONG, f"RT @x: {LONG.upper()}!! https://t.co/1", LONG[:80], "lain sekali", "lain lagi", "beda semua", ""]
    groups = group_texts(texts, ["", "", "", "g", "g", "h", ""]).tolist()
    assert groups[0] == groups[1] == groups[2]
    assert groups[3] == groups[4]
    assert len(set(groups)) == 4


@settings(max_examples=30, deadline=None)
@given(st.lists(st.text(max_size=40), min_size=1, max_size=30))
def test_no_group_is_in_both_halves(texts: list[str]) -> None:
    groups = group_texts(texts)
    halves = half_of(texts, groups)
    assert len({(group, half) for group, half in zip(groups.tolist(), halves, strict=True)}) == len(
        set(groups.tolist())
    )
    assert halves == half_of(texts[::-1], group_texts(texts[::-1]))[::-1]


def test_the_shares_count_what_they_say() -> None:
    samples = [
        Sample("ayo coblos nomor 2", True, "pro", "2", "a"),
        Sample("jangan pilih nomor 4", True, "contra", "4", "a"),
        Sample("coblos nomor 3", True, "contra", "Bagus", "b"),
        Sample("mendung sekali hari ini", True, "pro", "1", "b"),
        Sample("menang BANI, coblos BANI", False, None, "", "b"),
        Sample("kerja bakti RT 2", False, None, "", "b"),
    ]
    groups = group_texts([one.text for one in samples])
    verdicts, ms = judge_texts(samples, groups, REGISTRY, muara_embun(), load_rules(), Facts())
    found = report(verdicts, muara_embun(), ms)
    assert found.whole.precision.value == 0.75
    assert found.whole.recall.value == 0.75
    assert found.f1[0] == 0.75
    assert found.whole.flagged.value == pytest.approx(4 / 6)
    assert found.direction.value == pytest.approx(2 / 3)
    assert found.paslon.value == pytest.approx(2 / 3)
    assert {kind: one.n for kind, one in found.by_kind.items()} == {"a": 2, "b": 4}
    contra = found.by_direction["contra"]
    assert (contra.n, contra.precision.value, contra.recall.value) == (2, 1.0, 0.5)
    told = text_json(found)
    assert set(told) >= KEYS
    assert told["precision_interval"][0] <= told["precision"] <= told["precision_interval"][1]
    assert found.by_signal["AJAKAN_KUAT"].n == 4


def test_a_media_account_is_flagged_less() -> None:
    samples = [Sample("Arman Dipasena kampanye terbuka di Embun Hulu bersama relawan")]
    groups = group_texts([samples[0].text])
    flagged = {
        account: judge_texts(samples, groups, REGISTRY, muara_embun(), load_rules(), Facts(account=account))[0][
            0
        ].flagged
        for account in ("personal", "media", "unknown")
    }
    assert flagged == {"personal": True, "media": False, "unknown": True}

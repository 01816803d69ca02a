"""Names: titles fall away, ambiguous words need company, typing errors are forgiven on long names only."""

from __future__ import annotations

from datetime import date

import pytest

from app.election.contest import Candidate, Contest, Paslon
from app.text.lexicon import expand, lexicon
from app.text.registry import compile_registry, plain_name
from app.text.screen import screen_text
from tests.unit.text_contest import REGISTRY


@pytest.mark.parametrize(
    ("registered", "words"),
    [
        ("Drs. H. ARMAN DIPASENA, M.Si.", "arman dipasena"),
        ("LILIS WIRAMUKTI, S.E.", "lilis wiramukti"),
        ("Hj. NIRMALA SEKARWATI, S.Sos.", "nirmala sekarwati"),
        ("dr. CAKRA WISANGGENI, Sp.A.", "cakra wisanggeni"),
        ("Prof. Dr. Ir. H. Surya Kencana, M.Sc., Ph.D.", "surya kencana"),
        ("K.H. Ahmad Fauzi", "ahmad fauzi"),
        ("Brigjen TNI (Purn) Bambang Sutejo", "bambang sutejo"),
        ("Budi Santoso SE MM", "budi santoso"),
        ("Mahfud MD", "mahfud md"),
        ("Do'a Ma'ruf, S.H.,M.H.", "doa maruf"),
        ("H.", "h"),
    ],
)
def test_titles_fall_away(registered: str, words: str) -> None:
    assert " ".join(plain_name(registered)) == words


def _contest(*pairs: tuple[int | None, str, str], **more: tuple[str, ...]) -> Contest:
    made = tuple(
        Paslon(f"p{place}", number, (Candidate(f"{place}a", one), Candidate(f"{place}b", other)), **more)
        for place, (number, one, other) in enumerate(pairs, start=1)
    )
    return Contest("c", "Pilbup", "99.01", "Kabupaten Tebing Cahaya", date(2029, 11, 28), paslon=made)


def _named(text: str, contest: Contest) -> set[str | None]:
    return {
        signal.paslon for signal in screen_text(text, compile_registry(contest)) if signal.code in ("NAMA", "ALIAS")
    }


def test_ordinary_words_need_company() -> None:
    contest = _contest((1, "Asri Lestari", "Indah Permata"), (2, "Bagus Setia", "Mulia Jaya"))
    for silent in (
        "Taman yang asri dan lestari",
        "pemandangan indah sekali",
        "Kerja bagus, tetap setia",
        "ayo dukung program bagus",
    ):
        assert _named(silent, contest) == set()
    for text, pair in (
        ("Bu Asri menang", "p1"),
        ("Asri Lestari untuk kita", "p1"),
        ("Coblos Bagus", "p2"),
        ("calon Mulia nomor 2", "p2"),
    ):
        assert _named(text, contest) == {pair}


def test_short_names_forgive_nothing_and_long_ones_a_little() -> None:
    contest = _contest((1, "Wisanggeni Purnamarga", "Rudi Tama"))
    assert _named("dukung Wisanggenni", contest) == {"p1"}
    assert _named("dukung Purnarnarga", contest) == {"p1"}
    assert _named("dukung Rudy", contest) == set()
    assert _named("dukung Wisata", contest) == set()


def test_a_word_of_two_pairs_names_neither() -> None:
    contest = _contest((1, "Hendarman Sukarta", "Wirya Kelana"), (2, "Gatrawan Sukarta", "Ningrum Astari"))
    assert _named("dukung Sukarta", contest) == set()
    assert _named("dukung Gatrawan Sukarta", contest) == {"p2"}


def test_before_the_drawing_numbers_mean_no_pair() -> None:
    signals = screen_text("coblos nomor 2", compile_registry(_contest((None, "Hendarman Sukarta", "Wirya Kelana"))))
    numbers = [signal for signal in signals if signal.code == "NOMOR"]
    assert [(signal.paslon, dict(signal.params)) for signal in numbers] == [(None, {"number": 2})]


def test_a_number_beyond_the_ballot_carries_no_pair() -> None:
    numbers = [s for s in screen_text("ayo coblos nomor 7", REGISTRY) if s.code == "NOMOR"]
    assert [(s.paslon, s.params["number"]) for s in numbers] == [(None, 7)]


def test_empty_column_and_empty_contest() -> None:
    contest = _contest((1, "Hendarman Sukarta", "Wirya Kelana"), (2, "KOLOM KOSONG", ""))
    assert compile_registry(contest).pairs == ("p1",)
    empty = Contest("c", "Pilbup", "99", "Tebing Cahaya", date(2029, 11, 28))
    assert [s.code for s in screen_text("golput saja", compile_registry(empty))] == ["MENGHALANGI"]


def test_accounts_are_matched_whole() -> None:
    def accounts(text: str) -> list[str]:
        return [s.quote for s in screen_text(text, REGISTRY) if s.code == "AKUN"]

    assert accounts("halo @arlis_muaraembun.") == ["@arlis_muaraembun"]
    assert accounts("halo @arlis_muaraembun_fans") == []
    assert accounts("halo @arlis_muaraembun2") == []
    assert accounts("arlis muaraembun") == []


def test_short_party_acronyms_need_capitals() -> None:
    contest = _contest((1, "Hendarman Sukarta", "Wirya Kelana"), parties=("PAN",))
    registry = compile_registry(contest)
    assert [s.quote for s in screen_text("PAN solid", registry) if s.code == "PARTAI"] == ["PAN"]
    assert [s for s in screen_text("pan kita sudah janji", registry) if s.code == "PARTAI"] == []


def test_patterns_expand() -> None:
    assert list(expand("(ayo|yuk|) coblos")) == ["ayo coblos", "yuk coblos", "coblos"]


def test_word_list_is_consistent() -> None:
    words = lexicon()
    assert all(rule.code or rule.direction is None for rule, _ in words.rules)
    assert all(target not in words.slang or words.slang[target] == target for target in words.slang.values())
    assert not words.cheering_emoji & words.jeering_emoji

"""Lists: the order by keyset, addresses, heads and chips, and CSV that no spreadsheet runs."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import UTC, date, datetime
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import create_engine, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from app.db.keyset import Sort, sliced
from app.web.exporting import BATCH, BYTE_ORDER_MARK, FORMULA, line, text_of, written
from app.web.listing import Column, address, chips, chosen_sort, headings, listing
from app.web.words import words


class Base(DeclarativeBase):
    """Tables of this test alone."""


class Thing(Base):
    """A row with a column that repeats and one that does not."""

    __tablename__ = "thing"
    id: Mapped[int] = mapped_column(primary_key=True)
    size: Mapped[int]


UP = Sort(((Thing.size, False), (Thing.id, False)))
MIXED = Sort(((Thing.size, True), (Thing.id, False)))
SORTS = {"besar": MIXED, "nomor": Sort(((Thing.id, False),))}
COLUMNS = (Column("besar", "queue.age", "num"), Column("nomor", "field.state"), Column("lain", "field.pair"))


@pytest.fixture(scope="module")
def session() -> Iterator[Session]:
    """Fifty rows of seven sizes."""
    engine = create_engine("sqlite://")
    Base.metadata.create_all(engine)
    with Session(engine) as opened:
        opened.add_all(Thing(id=number, size=number * 37 % 7) for number in range(50))
        opened.flush()
        yield opened
    engine.dispose()


@pytest.mark.parametrize("sort", [UP, MIXED, UP.reversed(), MIXED.reversed(), SORTS["nomor"]])
@pytest.mark.parametrize("limit", [1, 7, 49, 50, 51])
def test_pages_lead_through_everything_once_in_order(session: Session, sort: Sort, limit: int) -> None:
    whole = [thing.id for thing in session.scalars(select(Thing).order_by(*sort.order()))]
    seen: list[int] = []
    last = None
    while True:
        page = sliced(session, select(Thing), sort, last, limit)
        assert len(page.items) <= limit
        seen += [thing.id for thing in page.items]
        if not page.more:
            break
        last = page.items[-1]
    assert seen == whole


def test_an_order_can_be_turned_round() -> None:
    assert (MIXED.descending, MIXED.reversed().descending) == (True, False)
    assert MIXED.reversed().reversed() == MIXED
    assert MIXED.reversed().keys[1][1] is True


# -- addresses, heads, chips ----------------------------------------------------------------------------------------


def test_addresses_leave_out_what_is_empty_and_escape_the_rest() -> None:
    assert address("/a", {}) == "/a"
    assert address("/a", {"x": "1&2", "y": ""}) == "/a?x=1%262"
    assert address("/a", {"x": "1", "z": "2"}, x="", z="3") == "/a?z=3"


@pytest.mark.parametrize(
    ("wanted", "name", "sort"),
    [
        ("", "", MIXED), ("besar", "", MIXED), ("-besar", "-besar", MIXED.reversed()),
        ("nomor", "nomor", SORTS["nomor"]), ("-nomor", "-nomor", SORTS["nomor"].reversed()),
        ("lain", "", MIXED), ("--nomor", "", MIXED), ("';--", "", MIXED),
    ],
)  # fmt: skip
def test_the_address_chooses_among_the_known_orders(wanted: str, name: str, sort: Sort) -> None:
    found_name, found = chosen_sort(SORTS, wanted)
    assert (found_name, found) == (name, sort)


def test_heads_sort_and_turn_round_and_keep_the_filters() -> None:
    t, kept = words("en"), {"keadaan": "new", "urut": "nomor", "setelah": "9"}
    first, second, third = headings("/antrean", kept, COLUMNS, SORTS, "nomor", t)
    assert (first.href, first.sorted, first.kind) == ("/antrean?keadaan=new&urut=besar", "", "num")
    assert (second.href, second.sorted) == ("/antrean?keadaan=new&urut=-nomor", "ascending")
    assert (third.href, third.sorted) == ("", "")
    turned = headings("/antrean", {"urut": "-nomor"}, COLUMNS, SORTS, "-nomor", t)
    assert (turned[1].href, turned[1].sorted) == ("/antrean?urut=nomor", "descending")
    default = headings("/antrean", {}, COLUMNS, SORTS, "", t)
    assert (default[0].href, default[0].sorted) == ("/antrean?urut=-besar", "descending")


def test_chips_name_what_is_set_and_take_it_off() -> None:
    kept = {"keadaan": "new", "kontes": "", "urut": "nomor", "setelah": "9"}
    found = chips("/antrean", kept, [("keadaan", "State", "Waiting"), ("kontes", "Contest", "?")])
    assert [(chip.label, chip.value, chip.without) for chip in found] == [("State", "Waiting", "/antrean?urut=nomor")]


def test_a_listing_knows_its_ways() -> None:
    t, kept = words("id"), {"keadaan": "new", "urut": "-nomor"}
    made = listing("/antrean", kept, COLUMNS, t, sorts=SORTS, worded=[("keadaan", "K", "B")], cursor="5", following="9")
    assert made.next == "/antrean?keadaan=new&urut=-nomor&setelah=9"
    assert made.first == "/antrean?keadaan=new&urut=-nomor"
    assert made.export == "/antrean.csv?keadaan=new&urut=-nomor"
    assert (made.clear, made.kept, made.filtered) == ("/antrean?urut=-nomor", {"urut": "-nomor"}, True)
    bare = listing("/kontes", {}, COLUMNS, t, export=False)
    assert (bare.next, bare.first, bare.export, bare.filtered) == ("", "", "", False)
    assert not any(head.href for head in bare.headings)


# -- CSV ------------------------------------------------------------------------------------------------------------


def read_back(pieces: Iterator[bytes]) -> list[list[str]]:
    """The records of a file as a spreadsheet reads them."""
    text = b"".join(pieces).decode()
    assert text.startswith(BYTE_ORDER_MARK)
    return list(csv.reader(io.StringIO(text.removeprefix(BYTE_ORDER_MARK), newline="")))


def test_quoting_is_that_of_rfc_4180() -> None:
    assert (
        line(["a", 'dia bilang "ya"', "satu,dua", "baris\r\nbaru"])
        == 'a,"dia bilang ""ya""","satu,dua","baris\r\nbaru"\r\n'
    )
    assert line([1, 2.5, None, date(2029, 9, 2)]) == "1,2.5,,2029-09-02\r\n"
    assert line([datetime(2029, 9, 2, 1, 15, tzinfo=UTC)]) == "2029-09-02T01:15:00+00:00\r\n"


@pytest.mark.parametrize("start", FORMULA)
def test_texts_that_a_spreadsheet_could_run_are_texts(start: str) -> None:
    attack = f'{start}HYPERLINK("http://evil.example";"klik")'
    assert text_of(attack) == f"'{attack}"
    assert text_of(f"  {attack}").startswith("'") is not start.isspace()
    assert text_of(f"a{attack}") == f"a{attack}"


def test_numbers_stay_numbers() -> None:
    assert (text_of(-0.5), text_of(-3), text_of("-3")) == ("-0.5", "-3", "'-3")


@given(
    st.lists(st.lists(st.text(alphabet=st.characters(exclude_categories=["Cs"])), min_size=2, max_size=2), max_size=5)
)
def test_what_was_written_is_read_back(rows: list[list[str]]) -> None:
    found = read_back(written(["a", "b"], rows, "!"))
    assert found == [["a", "b"], *[[text_of(cell) for cell in row] for row in rows]]
    for row in found[1:]:
        for cell in row:
            assert not cell.lstrip().startswith(FORMULA)


@pytest.mark.parametrize("most", [1, BATCH - 1, BATCH, BATCH + 1])
def test_what_is_cut_off_says_so_and_nothing_more_is_read(most: int) -> None:
    asked: list[int] = []

    def rows() -> Iterator[list[int]]:
        for number in count():
            asked.append(number)
            yield [number, 0]

    found = read_back(written(["a", "b"], rows(), "dipotong", most))
    assert (len(found), found[-1]) == (most + 2, ["dipotong", ""])
    assert len(asked) == most + 1
    exact = read_back(written(["a", "b"], [[n, 0] for n in range(most)], "dipotong", most))
    assert (len(exact), exact[-1]) == (most + 1, [str(most - 1), "0"])


def test_an_empty_list_has_its_heads() -> None:
    assert read_back(written(["Keadaan", "Usia"], [], "!")) == [["Keadaan", "Usia"]]

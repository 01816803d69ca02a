"""Charts: geometry to the pixel, escaped texts, and nothing that the content security policy refuses."""

from __future__ import annotations

import math
import re
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markupsafe import Markup

from app.web.charts import Bar, Mark, bars, multiples, reliability, table, ticks
from app.web.svg import number

SMALL = settings(max_examples=60, deadline=None)
NASTY = '<script>alert("x")</script>\' onload="y" & ü \N{WAVING HAND SIGN}'


def percent(value: float) -> str:
    return f"{value:.0%}"


def parsed(chart: Markup) -> ElementTree.Element:
    """The chart as a tree: it must be well-formed XML."""
    return ElementTree.fromstring(str(chart))


def of_class(chart: Markup, name: str) -> list[dict[str, float]]:
    """The numbers of every element of a class."""
    return [
        {key: float(value) for key, value in element.attrib.items() if re.fullmatch(r"-?\d+(\.\d+)?", value)}
        for element in parsed(chart).iter()
        if name in element.get("class", "").split()
    ]


@pytest.mark.parametrize(
    ("top", "expected"),
    [
        (1.0, (0, 0.2, 0.4, 0.6, 0.8, 1.0)), (0.3, (0, 0.1, 0.2, 0.3)), (7, (0, 2, 4, 6, 8)),
        (23, (0, 5, 10, 15, 20, 25)),
        (100, (0, 20, 40, 60, 80, 100)), (1200, (0, 500, 1000, 1500)), (0.0004, (0, 0.0001, 0.0002, 0.0003, 0.0004)),
    ],
)  # fmt: skip
def test_ticks_by_hand(top: float, expected: tuple[float, ...]) -> None:
    assert ticks(top) == pytest.approx(expected)


@SMALL
@given(st.floats(1e-6, 1e9), st.integers(1, 10))
def test_ticks_step_by_one_two_or_five(top: float, wanted: int) -> None:
    found = ticks(top, wanted)
    assert found[0] == 0
    assert found[-1] >= top * (1 - 1e-6)
    assert len(found) - 1 <= wanted
    digits = found[1] / 10 ** math.floor(math.log10(found[1]) + 1e-9)
    assert min(abs(digits - allowed) for allowed in (1, 2, 5)) < 1e-6


@pytest.mark.parametrize("top", [0, -1, math.nan, math.inf])
def test_an_axis_needs_a_length(top: float) -> None:
    with pytest.raises(ValueError):
        ticks(top)


def test_bars_and_whiskers_lie_where_their_values_are() -> None:
    chart = bars(
        [Bar("satu", 0.5, 0.25, 0.75, "50 %"), Bar("dua", 1.0, 0.9, 1.2, "100 %")], "Uji", "", percent, top=1.0
    )
    first, second = of_class(chart, "chart-bar")
    (axis,) = of_class(chart, "chart-axis")
    assert first["x"] == axis["x1"]
    assert second["width"] == pytest.approx(2 * first["width"])
    assert second["y"] > first["y"] + first["height"]
    whiskers = of_class(chart, "chart-whisker")
    long = [one for one in whiskers if one["y1"] == one["y2"]]
    assert long[0]["x1"] == pytest.approx(first["x"] + first["width"] / 2)
    assert long[0]["x2"] == pytest.approx(first["x"] + first["width"] * 1.5)
    assert long[1]["x2"] == pytest.approx(second["x"] + second["width"])  # beyond the axis it ends with the axis
    assert long[0]["y1"] == pytest.approx(first["y"] + first["height"] / 2)


def test_where_nothing_is_known_only_words_stand() -> None:
    chart = bars([Bar("satu", None, 0.0, 1.0, "belum cukup data")], "Uji", "", percent)
    assert of_class(chart, "chart-bar") == []
    assert of_class(chart, "chart-whisker") == []
    assert "belum cukup data" in chart


def test_no_rows_still_draw_an_axis() -> None:
    assert of_class(bars([], "Uji", "", percent), "chart-axis") != []
    assert of_class(bars([Bar("a", 0.0, 0.0, 0.0, "0")], "Uji", "", percent), "chart-bar")[0]["width"] == 0


def test_a_calibrated_score_lies_on_the_diagonal() -> None:
    marks = [Mark(0.2, 0.2, 0.1, 0.4, 50, True), Mark(0.9, 0.6, 0.2, 0.95, 5, False)]
    chart = reliability(marks, "Keandalan", "", percent, ("skor", "bagian"))
    (diagonal,) = of_class(chart, "chart-diagonal")
    slope = (diagonal["y2"] - diagonal["y1"]) / (diagonal["x2"] - diagonal["x1"])
    assert slope == pytest.approx(-1)
    on, below = of_class(chart, "chart-mark")
    assert on["cy"] == pytest.approx(diagonal["y1"] + slope * (on["cx"] - diagonal["x1"]))
    assert below["cy"] > diagonal["y1"] + slope * (below["cx"] - diagonal["x1"])
    assert len(of_class(chart, "chart-hollow")) == 1
    stems = [one for one in of_class(chart, "chart-whisker") if one["x1"] == one["x2"]]
    assert stems[0]["y1"] > on["cy"] > stems[0]["y2"]


def test_small_multiples_share_one_axis() -> None:
    groups = [("kecil", [Bar("a", 0.1, 0.05, 0.2, "")]), ("besar", [Bar("a", 0.4, 0.3, 0.8, "")])]
    chart = multiples(groups, "Uji", percent)
    small, large = of_class(chart, "chart-bar")
    assert large["width"] == pytest.approx(4 * small["width"], abs=0.02)
    assert [one.text for one in parsed(chart).iter("figcaption")] == ["kecil", "besar"]
    assert [one.get("aria-label") for one in parsed(chart).iter("svg")] == ["Uji: kecil", "Uji: besar"]


def test_a_chart_has_a_name_and_hides_no_label() -> None:
    chart = bars([Bar("nama yang panjang sekali", 1.0, 0.5, 1.5, "1")], "Nama", "Penjelasan", percent)
    root = parsed(chart)
    assert (root.get("role"), root.get("aria-label")) == ("img", "Nama. Penjelasan")
    assert [one.text for one in root.iter("title")] == ["nama yang panjang sekali"]
    assert "nama yang panjang…" in chart


def everything(text: str) -> list[Markup]:
    """Every kind of chart with this text in every place."""

    def written(_: float) -> str:
        return text

    row = Bar(text, 0.5, 0.2, 0.8, text)
    return [
        bars([row], text, text, written),
        reliability([Mark(0.5, 0.5, 0.2, 0.8, 40, True)], text, text, written, (text, text)),
        multiples([(text, [row])], text, written),
        table([text, text], [(text, text)], text),
    ]


@pytest.mark.parametrize("index", range(4))
def test_texts_are_escaped(index: int) -> None:
    chart = everything(NASTY)[index]
    tags = {element.tag for element in parsed(chart).iter()}
    assert "script" not in tags
    assert tags <= {
        "svg", "line", "rect", "circle", "text", "title", "div", "figure", "figcaption",
        "table", "caption", "thead", "tbody", "tr", "th", "td",
    }  # fmt: skip
    names = {name for element in parsed(chart).iter() for name in element.attrib}
    assert not any(name == "style" or name.startswith("on") for name in names)
    words = "".join(parsed(chart).itertext()) + "".join(one.get("aria-label", "") for one in parsed(chart).iter())
    assert NASTY in words


@SMALL
@given(st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"), max_size=40))
def test_any_text_makes_a_well_formed_chart(text: str) -> None:
    for chart in everything(text):
        parsed(chart)


@SMALL
@given(st.lists(st.tuples(st.floats(0, 1e6), st.floats(0, 1e6), st.floats(0, 1e6)), max_size=8))
def test_everything_stays_inside_the_picture(rows: list[tuple[float, float, float]]) -> None:
    chart = bars([Bar("a", value, low, high, "b") for value, low, high in rows], "Uji", "", percent)
    _, _, width, height = map(float, parsed(chart).attrib["viewBox"].split())
    for kind in ("chart-bar", "chart-whisker", "chart-grid", "chart-tick", "chart-label"):
        for place in of_class(chart, kind):
            assert all(0 <= value <= width for key, value in place.items() if key in {"x", "x1", "x2"})
            assert all(0 <= value <= height for key, value in place.items() if key in {"y", "y1", "y2"})
            assert place.get("x", 0) + place.get("width", 0) <= width
            assert place.get("width", 0) >= 0


def test_coordinates_are_plain_numbers() -> None:
    assert [number(value) for value in (1.0, 0.005, 1e-9, 123456.789, -0.0)] == ["1", "0.01", "0", "123456.79", "0"]


def test_a_table_names_rows_and_columns() -> None:
    root = parsed(table(["paslon", "bagian"], [("1", "50 %"), ("2", "51 %")], "Bagian per paslon"))
    assert [one.get("scope") for one in root.iter("th")] == ["col", "col", "row", "row"]
    assert [one.text for one in root.iter("caption")] == ["Bagian per paslon"]

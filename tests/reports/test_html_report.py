"""The page to print: self-contained, safe whatever things are called, the same every time."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace
from html import unescape
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from canlock.model.capture import Damage
from canlock.model.snapshot import Snapshot
from canlock.reports.html_report import html_article, html_page, render_html
from canlock.reports.markup import plain, safe, short, tag
from reports.page_structure import structure
from reports.report_builders import a_snapshot, evidence
from reports.report_gallery import GALLERY, a_broken_harness, nothing_happened, two_faults

HOSTILE = (
    "<script>alert(1)</script>",
    "\"><img src=x onerror='alert(1)'>",
    "'-->]]></style></svg><!--",
    "&lt;b&gt;&#60;script&#62;",
    "a\x00\x07\x1b[2Jb\r\n\x85c",
    "\u202egnol.exe\u2066\u200f\u061c",
    "\ud800 broken",
    "javascript:alert(1)",
    "\u05e9\u05dc\u05d5\u05dd.log",
    "{{7*7}} ${7*7} <%= 7 %>",
)


def named(word: str) -> Snapshot:
    """A broken car in which everything that comes from outside is called the same."""
    broken = a_broken_harness()
    finding = replace(
        broken.verdict, summary=word, evidence=(evidence(word, 2.0, 12.5), evidence(word, -1.0))
    )
    capture = replace(broken.capture, path=word, bad_lines=1, damage=(Damage(word, word),))
    return replace(
        broken,
        vehicle=word,
        vehicle_name=word,
        doors=("driver", word),
        findings=(finding,),
        capture=capture,
        notes=(word,),
        marks=tuple(replace(mark, note=word) for mark in broken.marks),
        accesses=tuple(replace(each, door=word) for each in broken.accesses),
        operations=tuple(
            replace(
                each,
                inhibit=word,
                responses=tuple(replace(answer, door=word) for answer in each.responses[:1]),
            )
            for each in broken.operations
        ),
    )


@pytest.mark.parametrize("is_masked", [True, False])
@pytest.mark.parametrize("word", HOSTILE)
def test_a_hostile_name_changes_nothing_but_words(word: str, is_masked: bool) -> None:
    page = render_html(named(word), is_masked=is_masked)
    harmless = render_html(named("quite harmless"), is_masked=is_masked)
    assert structure(page).tags == structure(harmless).tags


@settings(max_examples=40, deadline=None)
@given(  # `.` and `..` name no file: a path that ends in them has no name to be told.
    st.text(min_size=1, max_size=40).filter(
        lambda text: plain(text) and "/" not in text and plain(text).strip() not in {".", ".."}
    )
)
def test_no_name_at_all_changes_the_structure_of_a_page(word: str) -> None:
    page = render_html(named(word))
    assert structure(page).tags == structure(render_html(named("quite harmless"))).tags
    assert page.isascii()


@pytest.mark.parametrize("word", HOSTILE)
def test_no_control_character_and_no_mark_of_direction_gets_out(word: str) -> None:
    page = unescape(render_html(named(word)))
    kinds = {unicodedata.category(letter) for letter in page if letter != "\n"}
    assert not kinds & {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def test_letters_from_right_to_left_stay_and_turn_no_neighbour() -> None:
    page = render_html(named("\u05e9\u05dc\u05d5\u05dd.log"))
    assert "<bdi>\u05e9\u05dc\u05d5\u05dd.log</bdi>" in unescape(page)
    assert page.isascii()


@pytest.mark.parametrize("name", GALLERY)
def test_a_page_runs_nothing_and_fetches_nothing(name: str) -> None:
    found = structure(render_html(GALLERY[name]()))
    tags = {tag for tag, _ in found.tags}
    assert not tags & {"script", "link", "img", "iframe", "object", "embed", "a", "form", "image"}
    for attribute, value in found.attributes:
        assert not attribute.startswith("on")
        assert attribute not in {"src", "href", "xlink:href", "style", "srcset", "action"}
        assert "://" not in value or value == "http://www.w3.org/2000/svg"
    style = "".join(found.text)
    assert "@import" not in style
    assert set(re.findall(r"url\(([^)]*)\)", style)) <= {"#hatch"}


@pytest.mark.parametrize("name", GALLERY)
def test_every_picture_is_well_formed_has_a_name_and_stays_within_its_frame(name: str) -> None:
    page = render_html(GALLERY[name]())
    pictures = re.findall(r"<svg (?!class=\"patterns).*?</svg>", page, re.DOTALL)
    assert pictures
    for picture in pictures:
        root = ElementTree.fromstring(picture)
        _, _, width, height = map(float, root.attrib["viewBox"].split())
        assert root[0].tag.endswith("title")
        assert root[0].text
        for shape in root.iter():
            for key, limit in (("x", width), ("x1", width), ("x2", width), ("cx", width)):
                assert 0 <= float(shape.attrib.get(key, 0)) <= limit
            for key in ("y", "y1", "y2", "cy"):
                assert 0 <= float(shape.attrib.get(key, 0)) <= height


@pytest.mark.parametrize("name", GALLERY)
def test_the_same_snapshot_gives_the_same_page(name: str) -> None:
    assert render_html(GALLERY[name]()) == render_html(GALLERY[name]())


def test_the_verdict_comes_first_and_the_method_last() -> None:
    page = render_html(two_faults(), version="9.8.7")
    titles = [
        "Verdict",
        "The car",
        "The operations that decided",
        "Why",
        "What to do",
        "What could not be seen",
        "Method",
    ]
    places = [page.index(f"<h2>{title}</h2>") for title in titles]
    assert places == sorted(places)
    assert page.index("9.8.7") > places[-1]


def test_a_fault_is_told_by_word_sign_and_pattern_and_not_by_colour_alone() -> None:
    page = render_html(a_broken_harness())
    assert ">FAULT</text>" in page
    assert 'class="sign fault"' in page
    assert 'class="door fault"' in page
    assert ".door.fault, svg .door.suspect { fill: url(#hatch)" in page


def test_what_is_not_known_is_drawn_as_not_known() -> None:
    page = render_html(nothing_happened())
    bare = render_html(replace(nothing_happened(), states=()))
    assert "lock not visible, door not visible" in bare
    assert bare.count('class="query mid">?') == 2 * 5
    assert bare.count("dashed") > page.count("dashed")


def test_several_captures_are_articles_of_one_page() -> None:
    page = html_page([html_article(a_snapshot()), html_article(two_faults())])
    tags = [tag for tag, _ in structure(page).tags]
    assert tags.count("article") == 2
    assert tags.count("html") == tags.count("pattern") == 1


def test_the_car_has_a_card_for_every_door_of_the_vehicle_file() -> None:
    doors = ("driver", "sliding-left", "sliding-right", "hatch", "flap")
    page = render_html(replace(a_snapshot(), doors=doors))
    for name in ("Driver&#x27;s door", "Sliding left door", "Hatch door", "Flap door"):
        assert name in page


@pytest.mark.parametrize(
    ("text", "letters", "cut"), [("driver", 6, "driver"), ("driver's", 6, "drive\u2026")]
)
def test_long_words_are_cut_with_an_ellipsis(text: str, letters: int, cut: str) -> None:
    assert short(text, letters) == cut


def test_markup_escapes_words_and_attributes_alike() -> None:
    assert safe('<a href=\'"&">') == "&lt;a href=&#x27;&quot;&amp;&quot;&gt;"
    assert tag("text", "x", class_='"><b>', x=1.26) == (
        '<text class="&quot;&gt;&lt;b&gt;" x="1.3">x</text>'
    )

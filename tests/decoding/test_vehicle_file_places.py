"""Places in a TOML document: whatever tomllib reads has the line on which it was written."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from canlock.decoding.toml_places import TomlPath, TomlPlaces

TANGLED = '''\
# signal = "in a comment"
name = "a # b"   # [[signal]]
"quoted key" = 1
dotted . "key.with point".x = 1979-05-27 07:32:00
long = """
[[signal]]
role = 'no key' \\""" ""still"""""
literal = \'\'\'
key = 1
\'\'\'
list = [
  "a", # a comment, with a comma
  [ 1.5, { deep = "[", other = 2 } ],
  # ]
  \'b]\',
]
[[signal]]
role = "first"
values = { "0" = "}", "1" = "on", a.b = 1 }
[signal.extra]
inside = 1
[[signal.part]]
number = 1
[[signal.part]]
number = 2
[[ signal ]]
"role" = "second"
[[signal.part]]
number = 3
["bcm".'x'."\\u0041"]
request = 0x745
'''


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("name",), 2),
        (("quoted key",), 3),
        (("dotted", "key.with point", "x"), 4),
        (("long",), 5),
        (("literal",), 8),
        (("list",), 11),
        (("list", 0), 12),
        (("list", 1), 13),
        (("list", 1, 0), 13),
        (("list", 1, 1, "other"), 13),
        (("list", 2), 15),
        (("signal",), 17),
        (("signal", 0), 17),
        (("signal", 0, "role"), 18),
        (("signal", 0, "values"), 19),
        (("signal", 0, "values", "1"), 19),
        (("signal", 0, "values", "a", "b"), 19),
        (("signal", 0, "extra"), 20),
        (("signal", 0, "extra", "inside"), 21),
        (("signal", 0, "part", 0, "number"), 23),
        (("signal", 0, "part", 1), 24),
        (("signal", 1), 26),
        (("signal", 1, "role"), 27),
        (("signal", 1, "part", 0, "number"), 29),
        (("bcm", "x", "A"), 30),
        (("bcm", "x", "A", "request"), 31),
        # What is not there has the line of what would hold it.
        (("signal", 1, "doors", 3), 26),
        (("nothing",), 1),
        ((), 1),
    ],
)
def test_a_value_has_the_line_of_its_key(path: TomlPath, line: int) -> None:
    tomllib.loads(TANGLED)
    assert TomlPlaces(TANGLED).line(path) == line


KEYS = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=5)
SCALARS = (
    st.integers(-999, 999).map(str)
    | st.sampled_from(["true", "1.5e3", "inf", "07:32:00", "1979-05-27 07:32:00", "0xFF"])
    | st.sampled_from(['"#"', "'[['", '"""\n]\n"""', "'''\n=\n'''", '"\\""', '""', '"a,b"'])
)
BREAKS = st.sampled_from(["", " ", "\n", " # ,]\n", "\r\n\t"])


def quote(key: str) -> str:
    return '"' + key.replace("\\", "\\\\").replace('"', '\\"') + '"'


def write_list(items: list[tuple[str, str]]) -> str:
    return "[" + ",".join(f"{gap}{item}" for gap, item in items) + "]"


def write_inline(items: dict[str, str]) -> str:
    return "{ " + ", ".join(f"{quote(key)} = {value}" for key, value in items.items()) + " }"


VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(st.tuples(BREAKS, inner), max_size=3).map(write_list)
        | st.dictionaries(KEYS, inner.filter(lambda text: "\n" not in text), max_size=3).map(
            write_inline
        )
    ),
    max_leaves=6,
)


@st.composite
def documents(draw: st.DrawFn) -> tuple[str, dict[TomlPath, int]]:
    """Return a document and the lines of its top-level keys and of the tables' keys."""
    text = ""
    lines: dict[TomlPath, int] = {}

    def add(part: str, *path: str | int) -> None:
        nonlocal text
        lines[path] = text.count("\n") + 1
        text += part + draw(st.sampled_from(["\n", "\r\n", " # [[x]]\n", "\n\n"]))

    for key, value in draw(st.dictionaries(KEYS, VALUES, max_size=3)).items():
        add(f"{quote(key)} = {value}", key)
    for index in range(draw(st.integers(0, 3))):
        if ("table",) in lines and index == 0:
            break
        add("[[table]]", "table", index)
        for key, value in draw(st.dictionaries(KEYS, VALUES, max_size=2)).items():
            add(f"{quote(key)} = {value}", "table", index, key)
    return text, lines


def walk(value: object, path: TomlPath = ()) -> Iterator[TomlPath]:
    yield path
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from walk(inner, (*path, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from walk(inner, (*path, index))


@settings(max_examples=150, deadline=None)
@given(documents())
def test_every_value_of_a_document_lies_on_or_below_the_line_of_its_key(
    document: tuple[str, dict[TomlPath, int]],
) -> None:
    text, lines = document
    table = tomllib.loads(text)
    places = TomlPlaces(text.replace("\r\n", "\n"))
    for path, line in lines.items():
        assert places.line(path) == line
    last = text.count("\n") + 1
    for path in walk(table):
        if path:
            assert places.line(path[:-1]) <= places.line(path) <= last


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.integers(0, 99), min_size=1, max_size=8), st.lists(BREAKS, min_size=9, max_size=9)
)
def test_an_element_of_a_list_has_its_own_line(numbers: list[int], gaps: list[str]) -> None:
    text = "list = [" + ",".join(f"{gap}{n}" for gap, n in zip(gaps, numbers, strict=False)) + "]"
    text = text.replace("\r\n", "\n")
    assert tomllib.loads(text)["list"] == numbers
    places = TomlPlaces(text)
    upto = "list = ["
    for index, (gap, number) in enumerate(zip(gaps, numbers, strict=False)):
        upto += gap.replace("\r\n", "\n")
        assert places.line(("list", index)) == upto.count("\n") + 1
        upto += f"{number},"

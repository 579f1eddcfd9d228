"""Databases of every format load, odd ones too; a wrong name or line is told with the right one."""

from __future__ import annotations

from pathlib import Path

import pytest
from cantools.database import Database, load_file, load_string

from canlock.decoding.database import load_databases
from canlock.decoding.database_file import parse_database
from canlock.errors import VehicleFileError

DATA = Path(__file__).parent / "data"
CONTRACT = DATA / "contract.dbc"
RIGHT = CONTRACT.read_text(encoding="utf-8")


def tell(path: str, text: str) -> list[str]:
    return [str(problem) for problem in parse_database(path, text.encode()).problems]


@pytest.mark.parametrize("name", ["body.kcd", "body.sym"])
def test_other_formats_give_what_the_dbc_gives(tmp_path: Path, name: str) -> None:
    original = load_file(CONTRACT)
    path = tmp_path / name
    path.write_text(getattr(original, f"as_{path.suffix[1:]}_string")(), encoding="utf-8")
    databases = load_databases([path])
    signal = databases.signal("BCM_STATUS.OthersLocked")
    assert (signal.start, signal.length, signal.byte_order) == (41, 1, "little_endian")
    assert databases.message("MODULE").is_extended_frame
    assert databases.message("RKE").length == 4
    assert databases.problems == ()


def test_an_arxml_system_loads() -> None:
    databases = load_databases([DATA / "body.arxml"])
    assert databases.message("Doors").frame_id == 0x60D
    assert databases.signal("Doors.Driver").start == 3


def test_the_content_decides_on_the_format_and_not_the_suffix(tmp_path: Path) -> None:
    path = tmp_path / "body.txt"
    path.write_bytes(CONTRACT.read_bytes())
    assert load_databases([path]).message("BCM_BODY").frame_id == 0x60D


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_units_survive_whatever_the_editor_wrote(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "body.dbc"
    path.write_text(RIGHT.replace('"V"', '"°C"'), encoding=encoding)
    assert load_databases([path]).signal("BCM_BODY.Voltage").unit == "°C"


def test_several_files_are_one_set_of_messages() -> None:
    databases = load_databases([CONTRACT, DATA / "e9x_like.dbc"])
    names = [message.name for message in databases.messages]
    assert names[:2] == ["BCM_BODY", "RKE"]
    assert names[-1] == "TERMINAL"
    assert databases.problems == ()


def test_of_two_files_with_one_message_the_first_counts(tmp_path: Path) -> None:
    path = tmp_path / "other.dbc"
    path.write_text('BO_ 1 RKE: 2 X\n SG_ Other : 0|1@1+ (1,0) [0|1] "" X\n', encoding="utf-8")
    databases = load_databases([CONTRACT, path])
    assert databases.message("RKE").frame_id == 0x23A
    assert [str(problem) for problem in databases.problems] == [
        f"{path}: warning: `RKE` already stands in a database named before this one, which counts"
    ]


@pytest.mark.parametrize(
    ("name", "says"),
    [
        (
            "BCM_BODY.DriverDorOpen",
            "message `BCM_BODY` has no signal `DriverDorOpen` (did you mean",
        ),
        ("BCM_BODY.driverdooropen", "(did you mean `DriverDoorOpen`?)"),
        ("BCMBODY.DriverDoorOpen", "(did you mean `BCM_BODY`?)"),
        ("BCM_BODY", "`BCM_BODY` is not of the form `Message.Signal`"),
        ("BCM_BODY.", "is not of the form"),
        ("Quux.Signal", "no message `Quux` in"),
    ],
)
def test_an_unknown_name_is_told_with_the_nearest(name: str, says: str) -> None:
    with pytest.raises(VehicleFileError) as caught:
        load_databases([CONTRACT]).signal(name)
    assert says in str(caught.value)


def test_a_name_like_no_other_is_told_without_a_guess() -> None:
    with pytest.raises(VehicleFileError, match="no message `Quux`") as caught:
        load_databases([CONTRACT]).message("Quux")
    assert "did you mean" not in str(caught.value)


def test_a_missing_file_is_one_clear_line(tmp_path: Path) -> None:
    with pytest.raises(VehicleFileError) as caught:
        load_databases([tmp_path / "no.dbc"])
    assert str(caught.value) == (
        f"{tmp_path}/no.dbc: cannot be read: No such file or directory; expected a DBC, KCD, SYM or"
        " ARXML file"
    )


SYNTAX = [
    pytest.param("SG_ DriverDoorOpen :", "SG_ DriverDoorOpen", 10,
        "column 21: found `3|1@1+`, expected `SG_ <Name> : <start>|<length>@", id="no colon"),
    pytest.param("13|1@1+", "13|1@1$", 12, "found `$`, expected `SG_ <Name>", id="odd sign"),
    pytest.param("BO_ 570 RKE: 4", "BO_ RKE: 4", 18, "expected `BO_ <id> <Name>: <length>",
        id="no id"),
    pytest.param('"Doubt: belief or switch.";', '"Doubt: belief or switch."', 42,
        "found `CM_`, expected `CM_ \"<text>\";` or `CM_ SG_ <id> <Signal> \"<text>\";` in the"
        " statement that begins on line 41", id="no semicolon"),
    pytest.param("BO_ 570 RKE: 4", "BO_ 2570 RKE: 4", 18, "Standard frame id 0xa0a is more than 11",
        id="id of 12 bits"),
    pytest.param("3|1@1+", "3|0@1+", 10, "length 0 is not greater than 0", id="no length"),
    pytest.param("RKE: 4", "RKE: 4.5", 18, "invalid literal for int()", id="half a byte"),
    pytest.param('BA_ "GenMsgCycleTime" BO_ 570', 'BA_ "GenCycle" BO_ 570', 48,
        "cannot be read as DBC: `GenCycle` is not defined", id="attribute that is not defined"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "line", "says"), SYNTAX)
def test_a_mistake_in_a_dbc_is_told_with_its_line(old: str, new: str, line: int, says: str) -> None:
    assert old in RIGHT
    (told,) = tell("car.dbc", RIGHT.replace(old, new, 1))
    assert told.startswith(f"car.dbc:{line}: ")
    assert says in told


@pytest.mark.parametrize(
    ("path", "text", "says"),
    [
        ("car.dbc", "", "car.dbc: expected a DBC, KCD, SYM or ARXML database, found an empty file"),
        ("car.pdf", "%PDF-1.4\n", "car.pdf:1: expected a DBC, KCD, SYM or ARXML database, found"),
        ("car.dbc", "%PDF-1.4\n", "car.dbc:1: column 1: found `%PDF-1.4`, expected `VERSION"),
        ("car.kcd", "<NetworkDefinition>\n<Bus></NetworkDefinition>", "car.kcd:2: not well-formed"),
        ("car.arxml", "<AUTOSAR/>", "car.arxml:1: cannot be read as ARXML: No XML namespace"),
        ("car.sym", "FormatVersion=5.0\n", "car.sym: cannot be read as SYM: Only SYM version 6.0"),
        ("car.sym", 'FormatVersion=6.0 // x\nTitle="x"\n{SEND}\n[A]\nID=1h\nfoo\n', "car.sym:6: "),
    ],
)  # fmt: skip
def test_what_is_no_database_is_told_so(path: str, text: str, says: str) -> None:
    (told,) = tell(path, text)
    assert says in told


ODD = [
    pytest.param("4|1@1+", "3|1@1+", ["car.dbc:11: warning: The signals PassengerDoorOpen and "
        "DriverDoorOpen are overlapping in message BCM_BODY"], id="overlapping signals"),
    pytest.param("4|1@1+", "70|1@1+", ["car.dbc:11: warning: The signal PassengerDoorOpen does not "
        "fit in message BCM_BODY"], id="signal outside of its message"),
    pytest.param("BO_ 570 RKE", "BO_ 570 BCM_BODY", ["car.dbc:9: warning: message `BCM_BODY` stands"
        " here twice"], id="message twice"),
    pytest.param("BO_ 856 B", "BO_ 570 B", ["car.dbc:22: warning: `RKE` and `BCM_STATUS` have the "
        "same id 0x23A"], id="id twice"),
    pytest.param('CM_ BO_', 'VAL_ 856 Nothing 0 "a;b"\n 1 "c" ;\nSIG_VALTYPE_ 1 No : 1;\nCM_ BO_', [
        "car.dbc:41: warning: `VAL_ 856 Nothing`: no such signal in that message; left out",
        "car.dbc:43: warning: `SIG_VALTYPE_ 1 No`: no such signal in that message; left out"],
        id="values of no signal"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "told"), ODD)
def test_an_odd_dbc_loads_with_warnings(old: str, new: str, told: list[str]) -> None:
    file = parse_database("car.dbc", RIGHT.replace(old, new, 1).encode())
    assert [str(problem) for problem in file.problems] == told
    assert file.is_read
    assert len(file.messages) == 6


def test_an_odd_dbc_keeps_the_meaning_of_the_rest() -> None:
    odd = RIGHT + 'VAL_ 1 Nothing 0 "x" ;\nVAL_ 856 DriverLocked 0 "free" 1 "shut" ;\n'
    message = next(m for m in parse_database("x.dbc", odd.encode()).messages if m.frame_id == 856)
    right = RIGHT + 'VAL_ 856 DriverLocked 0 "free" 1 "shut" ;\n'
    payload = bytes([0, 0, 0, 0, 0, 1, 0, 0])
    oracle = load_string(right, "dbc")
    assert isinstance(oracle, Database)
    assert message.decode(payload) == oracle.decode_message(856, payload)


def test_nothing_is_written_to_the_terminal(capfd: pytest.CaptureFixture[str]) -> None:
    parse_database("car.dbc", RIGHT.replace("BO_ 570 RKE", "BO_ 570 BCM_BODY").encode())
    assert capfd.readouterr() == ("", "")

"""A quick start for the command line: only the command that is called is built, and plainly.

Recent versions of typer convert each argument with pydantic, whose import alone takes longer than
reading some 100,000 frames, and say "Value error" to whoever mistypes one. Arguments of plain kinds
are converted here; all others, and those of any typer that is built otherwise, are left to it.
"""

from __future__ import annotations

import copy
import enum
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, get_args, get_origin

import typer
from typer.core import TyperCommand, TyperGroup

_NUMBERS: Final = {int: "a whole number", float: "a number"}
_ABSENT: Final = object()


class QuickCommand(TyperCommand):
    """A command whose arguments of plain kinds are converted without pydantic."""

    def get_params(self, ctx: Any) -> list[Any]:  # noqa: ANN401 - typer's own.
        """Return all parameters, `--help` too."""
        return [_convert_plainly(parameter) for parameter in super().get_params(ctx)]


class QuickGroup(TyperGroup):
    """The same for the options of the program itself."""

    def get_params(self, ctx: Any) -> list[Any]:  # noqa: ANN401 - typer's own.
        """Return all parameters, `--help` too."""
        return [_convert_plainly(parameter) for parameter in super().get_params(ctx)]


def quicken(app: typer.Typer, arguments: Sequence[str]) -> typer.Typer:
    """Return the program with the one command in it that is called, where one is."""
    quick = copy.copy(app)
    quick.info = copy.copy(app.info)
    quick.info.cls = QuickGroup
    infos = [copy.copy(info) for info in app.registered_commands]
    for info in infos:
        info.cls = QuickCommand
    called = arguments[0] if arguments else None
    alone = [info for info in infos if called is not None and _name(info) == called]
    quick.registered_commands = alone or infos
    return quick


def _name(info: typer.models.CommandInfo) -> str | None:
    if info.name is not None or info.callback is None:
        return info.name
    return info.callback.__name__.replace("_", "-")


class _Plain:
    """What takes the place of typer's own conversion."""

    def __init__(self, kind: type[Any], least: float | None, most: float | None) -> None:
        self._kind = kind
        self._least = least
        self._most = most

    def coerce(self, value: object, param: Any, ctx: Any) -> object:  # noqa: ANN401 - typer's own.
        """Return what was typed, or a default, as its parameter's kind."""
        is_list = param.multiple or param.nargs == -1
        if value is None:
            return () if is_list else None
        try:
            if is_list:
                assert isinstance(value, (list, tuple))
                return [self._convert(item) for item in value]
            return self._convert(value)
        except ValueError as error:
            raise typer.BadParameter(str(error), ctx=ctx, param=param) from None

    def _convert(self, value: object) -> object:
        if isinstance(value, self._kind):
            return value
        if issubclass(self._kind, enum.Enum):
            choices = [str(choice.value) for choice in self._kind]
            if value not in choices:
                raise ValueError(f"{value!r} is not one of {', '.join(map(repr, choices))}.")
            return self._kind(value)
        if self._kind is bool:
            raise ValueError(f"{value!r} is neither yes nor no.")
        if self._kind in _NUMBERS:
            return self._convert_number(str(value))
        return self._kind(str(value))

    def _convert_number(self, text: str) -> object:
        try:
            number = self._kind(text)
        except ValueError:
            raise ValueError(f"{text!r} is not {_NUMBERS[self._kind]}.") from None
        is_low = self._least is not None and not number >= self._least
        is_high = self._most is not None and not number <= self._most
        if is_low or is_high:
            least = "" if self._least is None else f"{self._least:g} or more"
            most = "" if self._most is None else f"{self._most:g} or less"
            raise ValueError(f"{text} is not {' and '.join(filter(None, (least, most)))}.")
        return number


def _convert_plainly(parameter: Any) -> Any:  # noqa: ANN401 - typer's own.
    """Give a parameter a plain conversion, where its kind is plain and typer is built that way."""
    descriptor = getattr(parameter, "type_descriptor", None)
    if descriptor is None or getattr(parameter, "_runtime_param", _ABSENT) is not None:
        return parameter
    info = descriptor.parameter_info
    kind = descriptor.annotation
    if get_origin(kind) is list:
        (kind,) = get_args(kind)
    is_path = kind is Path and _is_any_path(info)
    is_choice = isinstance(kind, type) and issubclass(kind, enum.Enum) and info.case_sensitive
    is_plain = kind in {str, bool, *_NUMBERS} or is_path or is_choice
    if is_plain and info.parser is None and not info.clamp:
        parameter._runtime_param = _Plain(kind, info.min, info.max)  # noqa: SLF001 - No other way.
    return parameter


def _is_any_path(info: Any) -> bool:  # noqa: ANN401 - typer's own.
    """Tell whether typer is asked for nothing but a path: what is there, our own lines tell."""
    return info.file_okay and info.dir_okay and not (info.exists or info.resolve_path)

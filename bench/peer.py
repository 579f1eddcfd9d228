"""What a user would write with python-can and cantools: read, decode, find edges.

Run as `python -m bench.peer LOG DBC SIGNAL...`; prints the number of frames and of edges.
"""

from __future__ import annotations

import sys
from typing import Any

import can
from cantools.database.can import Database, Message

Wanted = dict[int, tuple[Message, list[str]]]


def load_messages(dbc: str, signals: list[str] | None) -> Wanted:
    """Return the messages that hold some signals (None: all), by arbitration id."""
    database = Database()
    database.add_dbc_file(dbc)
    wanted: Wanted = {}
    if signals is None:
        return {
            message.frame_id: (message, [signal.name for signal in message.signals])
            for message in database.messages
        }
    for name in signals:
        message_name, signal_name = name.split(".")
        message = database.get_message_by_name(message_name)
        wanted.setdefault(message.frame_id, (message, []))[1].append(signal_name)
    return wanted


def find_edges(log: str, wanted: Wanted) -> tuple[int, int]:
    """Return how many frames the log holds and how often the signals change."""
    last: dict[tuple[int, str], Any] = {}
    frames = edges = 0
    for frame in can.LogReader(log):
        frames += 1
        entry = wanted.get(frame.arbitration_id)
        if entry is None:
            continue
        message, names = entry
        values: Any = message.decode(bytes(frame.data), decode_choices=False)
        for name in names:
            key = (frame.arbitration_id, name)
            if key in last and last[key] != values[name]:
                edges += 1
            last[key] = values[name]
    return frames, edges


if __name__ == "__main__":
    print(*find_edges(sys.argv[1], load_messages(sys.argv[2], sys.argv[3:])))

"""The tables `[[alive]]`, `[bcm]` and `[[poll]]`: who lives on the bus and who can be asked."""

from __future__ import annotations

import re
from typing import Final

from canlock.decoding.scope import Scope
from canlock.decoding.toml_entry import Entry
from canlock.model.vehicle import Alive, BcmAccess, Poll

HIGHEST_ID: Final = 0x1FFF_FFFF
HIGHEST_SESSION: Final = 0xFF
PROGRAMMING: Final = (0x02, 0x85)
"""Programming sessions of UDS and of KWP: canlock never opens one (contract, section 6)."""

READ_SERVICES: Final = frozenset((0x01, 0x02, 0x03, 0x07, 0x09, 0x0A, 0x19, 0x21, 0x22))
"""Services of contract 6 that read; a poll may hold no other."""

LONGEST_REQUEST: Final = 4095
"""Bytes that ISO-TP can carry."""

_HEX_BYTES: Final = re.compile(r"\s*[0-9A-Fa-f]{2}(?:\s*[0-9A-Fa-f]{2})*\s*")


def read_alive(entry: Entry, scope: Scope) -> Alive | None:
    """Return what an `[[alive]]` table says, or None where a mistake leaves it without meaning."""
    entry.require("node", "message")
    node = entry.choice("node", ("bcm", "door-module"))
    message = entry.text("message")
    doors = scope.read_doors(entry)
    period_s = entry.seconds("period")
    if message is not None:
        scope.has_message(entry, message)
    counter = scope.read_counter(entry, message)
    if node == "door-module" and not doors:
        text = "a door module has `doors`; expected those whose module sends the message"
        entry.error(text, "doors")
    if node == "bcm" and doors:
        entry.warning("the node `bcm` has no `doors`; they are ignored", "doors")
        doors = ()
    entry.finish()
    if node is None or message is None:
        return None
    return Alive(node=node, message=message, period_s=period_s, doors=doors, counter=counter)


def read_bcm(root: Entry) -> BcmAccess | None:
    """Return what the `[bcm]` table says, or None where it is absent or wrong."""
    entry = root.table("bcm")
    if entry is None:
        return None
    entry.require("request", "response", "protocol")
    request = entry.whole_number("request", 0, HIGHEST_ID)
    response = entry.whole_number("response", 0, HIGHEST_ID)
    protocol = entry.choice("protocol", ("kwp", "uds"))
    session = entry.whole_number("session", 0, HIGHEST_SESSION) if entry.has("session") else None
    if session in PROGRAMMING:
        entry.error("`session` is the one for programming, which canlock never opens", "session")
        session = None
    entry.finish()
    if request is None or response is None or protocol is None:
        return None
    if request == response:
        entry.error(
            f"`request` and `response` are both 0x{request:X}; expected two ids", "response"
        )
    return BcmAccess(request=request, response=response, protocol=protocol, session=session)


def read_poll(entry: Entry, scope: Scope) -> Poll | None:
    """Return what a `[[poll]]` table says, or None where a mistake leaves it without meaning."""
    entry.require("request", "message", "period")
    request = _read_request(entry)
    message = entry.text("message")
    period_s = entry.seconds("period")
    if message is not None:
        scope.has_message(entry, message)
    entry.finish()
    if request is None or message is None or period_s is None:
        return None
    return Poll(request=request, message=message, period_s=period_s)


def _read_request(entry: Entry) -> bytes | None:
    text = entry.text("request")
    if text is None:
        return None
    if not _HEX_BYTES.fullmatch(text):
        form = 'bytes of two hexadecimal digits each, like `"21 47"`'
        entry.error(f"`request` is `{text}`; expected {form}", "request")
        return None
    request = bytes.fromhex(text)
    if len(request) > LONGEST_REQUEST:
        text = f"`request` has {len(request)} bytes; expected at most {LONGEST_REQUEST}"
        entry.error(text, "request")
    if request[0] not in READ_SERVICES:
        services = ", ".join(f"{service:02X}" for service in sorted(READ_SERVICES))
        text = f"`request` asks for service {request[0]:02X}; a poll only reads: {services}"
        entry.error(text, "request")
    return request

"""Cars that nobody builds: buses that show other things than those of the vehicles that ship.

What was fitted and tried on four buses is tried on these too. Each is written as a database and a
vehicle file, as a user would write them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

DOORS = ("driver", "passenger", "rear-left", "rear-right")
SHORT = {"driver": "Drv", "passenger": "Psg", "rear-left": "RL", "rear-right": "RR"}

BITS = 2
"""Of each signal."""

LOCKED = {0: "unlocked", 1: "locked"}
OPEN = {0: "closed", 1: "open"}
ON = {0: "off", 1: "on"}
PULLED = {0: "released", 1: "pulled"}
PRESSED = {0: "none", 1: "lock", 2: "unlock"}
POWER = {0: "off", 1: "acc", 2: "on", 3: "start"}
LATCH = {0: "closed", 1: "open", 2: "ajar"}


@dataclass
class MadeUp:
    """A vehicle in the making: signals are laid one behind the other into the last message."""

    name: str
    _messages: list[list[str]] = field(default_factory=list)
    _entries: list[str] = field(default_factory=list)
    _bits: int = 0
    _message: str = ""

    def message(
        self, name: str, node: str = "bcm", *, period_s: float | None = 0.1, door: str | None = None
    ) -> MadeUp:
        """Begin a message; with a period it shows that its node lives."""
        sender = "BCM" if door is None else f"DM_{SHORT[door]}"
        self._messages.append([f"BO_ {0x200 + len(self._messages)} {name}: 8 {sender}"])
        self._message, self._bits = name, 0
        if period_s is not None:
            doors = "" if door is None else f'doors = ["{door}"]\n'
            self._entries.append(
                f'[[alive]]\nnode = "{node}"\nmessage = "{name}"\n{doors}period = {period_s}\n'
            )
        return self

    def signal(self, role: str, values: dict[int, str], *doors: str, **more: str) -> MadeUp:
        """Map the next bits of the message to a role of some doors (none: the car)."""
        name = f"S{len(self._entries)}"
        self._messages[-1].append(f' SG_ {name} : {self._bits}|{BITS}@1+ (1,0) [0|0] "" X')
        self._bits += BITS
        lines = [f'role = "{role}"', f'signal = "{self._message}.{name}"']
        if doors:
            lines.append("doors = [" + ", ".join(f'"{door}"' for door in doors) + "]")
        lines += [f'{key} = "{value}"' for key, value in more.items()]
        words = ", ".join(f'"{raw}" = "{word}"' for raw, word in values.items())
        lines.append(f"values = {{ {words} }}")
        self._entries.append("\n".join(("[[signal]]", *lines, "")))
        return self

    def each_door(self, role: str, values: dict[int, str], **more: str) -> MadeUp:
        """Map bits of their own for every door."""
        for door in DOORS:
            self.signal(role, values, door, **more)
        return self

    def write(self, folder: Path) -> str:
        """Write database and vehicle file; return the latter's path."""
        nodes = "BCM X " + " ".join(f"DM_{short}" for short in SHORT.values())
        parts = [f'VERSION ""\n\nNS_ :\n\nBS_:\n\nBU_: {nodes}\n']
        parts += ["\n".join(lines) + "\n" for lines in self._messages]
        (folder / f"{self.name}.dbc").write_text("\n".join(parts), encoding="utf-8")
        doors = ", ".join(f'"{door}"' for door in DOORS)
        head = (
            f'schema = "canlock.vehicle/1"\nname = "Made up: {self.name}"\n'
            f'dbc = ["{self.name}.dbc"]\ndoors = [{doors}]\nverified = true\n'
        )
        path = folder / f"{self.name}.toml"
        path.write_text("\n".join((head, *self._entries)), encoding="utf-8")
        return str(path)


def any_locked() -> MadeUp:
    """One bit for all locks, the lamps, the door switches, and no word of ignition or supply."""
    car = MadeUp("any-locked").message("BODY")
    car.signal("lock.status", LOCKED, *DOORS, feedback="any-locked")
    return car.each_door("door.ajar", OPEN).signal("ack.flasher", ON)


def believed_together() -> MadeUp:
    """What the BCM believes of all locks in one bit; latches and outer handles of each door."""
    car = MadeUp("believed-together").message("BODY")
    car.signal("lock.status", LOCKED, *DOORS, feedback="belief")
    car.signal("power.state", POWER).signal("ack.flasher", ON)
    return car.each_door("latch.status", LATCH).each_door("handle.outer", PULLED)


def orders_without_supply() -> MadeUp:
    """Requests, orders and measured locks, and neither supply nor key: refusals have no cause."""
    car = MadeUp("orders-without-supply").message("RKE", period_s=None)
    car.signal("request.fob", PRESSED, kind="event")
    car.message("ORDERS", period_s=None).each_door("command.lock", PRESSED, kind="event")
    car.message("BODY").each_door("door.ajar", OPEN)
    car.signal("power.state", POWER).signal("ack.flasher", ON)
    for door in DOORS:
        car.message(f"DOOR_{SHORT[door]}", "door-module", door=door)
        car.signal("lock.status", LOCKED, door, feedback="measured")
        car.signal("handle.outer", PULLED, door)
    return car


def a_slow_status() -> MadeUp:
    """Locks and doors once a second and at each change; orders, and nothing of who asked."""
    car = MadeUp("a-slow-status").message("ORDERS", period_s=None)
    car.each_door("command.lock", PRESSED, kind="event")
    car.message("STATUS", period_s=1.0).each_door("lock.status", LOCKED, feedback="measured")
    return car.each_door("door.ajar", OPEN).signal("power.state", POWER)


MADE_UP = (any_locked, believed_together, orders_without_supply, a_slow_status)

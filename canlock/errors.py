"""What can go wrong.

CanlockError
├── SourceError
│   ├── CaptureNotFoundError     no such file, or a directory that holds no capture
│   ├── CaptureUnreadableError   content that no known log format explains
│   └── BusError                 no such interface or channel, or it went away
├── VehicleError
│   ├── VehicleNotFoundError     no shipped vehicle of that name and no such file
│   ├── VehicleFileError         a vehicle file or its DBC is wrong, with file and line
│   └── VehicleUnknownError      no shipped vehicle, or more than one, fits the frames
└── SideFileError                a marks or session file that cannot be read

A frame that does not decode and a line that does not parse are not errors: they are counted and
reported. Each message is one line: place, what was found, what was expected, how to mend it.
"""


class CanlockError(Exception):
    """canlock itself could not go on. Its text is one line, meant for the user."""


class SourceError(CanlockError):
    """Frames could not be had."""


class CaptureNotFoundError(SourceError):
    """There is no such file, or the directory holds no capture."""


class CaptureUnreadableError(SourceError):
    """No known log format explains the content."""


class BusError(SourceError):
    """The interface or channel does not exist, or went away."""


class VehicleError(CanlockError):
    """The vehicle is not usable."""


class VehicleNotFoundError(VehicleError):
    """No shipped vehicle has that name and there is no such file."""


class VehicleFileError(VehicleError):
    """A vehicle file or the DBC it names is wrong."""


class VehicleUnknownError(VehicleError):
    """No shipped vehicle, or more than one, fits the frames."""


class SideFileError(CanlockError):
    """A marks or session file cannot be read."""


def one_line(text: object) -> str:
    """Return a text as one line: what a file holds may hold line ends and control characters."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in str(text)).split())

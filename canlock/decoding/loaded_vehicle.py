"""A vehicle that is ready for use, with its databases at hand when somebody asks for them."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING

from canlock.model.vehicle import Vehicle

if TYPE_CHECKING:
    from canlock.decoding.database import Databases
    from canlock.decoding.layout import Layout
    from canlock.decoding.problem import Problem


class LoadedVehicle:
    """A vehicle, what to read from its frames, and the databases that its entries name.

    Nobody writes to it after construction; layout and databases come in when first asked for.
    """

    def __init__(
        self,
        vehicle: Vehicle,
        databases: Databases | Callable[[], Databases],
        warnings: tuple[Problem, ...] = (),
        layout: Layout | None = None,
    ) -> None:
        """Take what is known.

        Args:
            vehicle: The checked vehicle file.
            databases: The databases, or what reads them: few commands need more than the layout.
            warnings: What is doubtful in the files.
            layout: The vehicle, compiled; None: it is compiled from the databases.
        """
        self.vehicle = vehicle
        self.warnings = warnings
        self._databases = databases
        self._layout = layout

    @cached_property
    def databases(self) -> Databases:
        """Return the databases.

        Raises:
            VehicleFileError: They were not read yet, and now one cannot be.
        """
        return self._databases() if callable(self._databases) else self._databases

    @cached_property
    def layout(self) -> Layout:
        """Return what to read from which frame.

        Raises:
            VehicleFileError: An entry asks for what cannot be read; its text names file and line.
        """
        if self._layout is not None:
            return self._layout
        from canlock.decoding.layout import compile_layout

        return compile_layout(self.vehicle, self.databases.signal)

    def comments(self) -> tuple[tuple[str, str], ...]:
        """Return (message or `Message.Signal`, comment) of what is mapped: the DBC's doubts."""
        from canlock.decoding.message_facts import list_comments

        return tuple(list_comments(self.databases, self.vehicle.signals))

"""The worker: opens the session, takes snapshots off its steps and posts them to the app."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Generator
from importlib import import_module
from typing import Final

from textual.message import Message
from textual.message_pump import MessagePump

from canlock.tui.garbage import Garbage
from canlock.tui.messages import Ended, Failed, Opened, SnapshotArrived
from canlock.tui.session import OpenSession

PATIENCE_S: Final = 1.0
"""How long quitting waits for a step that is under way."""

LOAD_AFTER_S: Final = 1.0
OTHER_SCREENS: Final = "canlock.tui.help_sections"
"""It imports every screen. The first screen stands sooner without them, and a key must not wait
for them: so they are loaded meanwhile."""


class SnapshotFeed:
    """A thread that opens a session, iterates over its steps and touches no widget.

    It is a daemon thread of its own rather than one of Textual's workers: those are joined at exit,
    and a silent bus would hold up `q` for ever.
    """

    def __init__(self, open_session: OpenSession, target: MessagePump) -> None:
        self._open_session = open_session
        self._target = target
        self._is_stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="canlock-live-view", daemon=True)
        self._loading = threading.Timer(LOAD_AFTER_S, self._load)
        self._loading.daemon = True
        self.garbage = Garbage()

    def start(self) -> None:
        """Begin to iterate, once."""
        if not self._thread.is_alive():
            self.garbage.begin()
            self._thread.start()
            self._loading.start()

    def stop(self) -> None:
        """Ask the thread to end after the step that is under way."""
        self._is_stopping.set()
        self._loading.cancel()
        self.garbage.end()

    def wait(self) -> None:
        """Wait up to `PATIENCE_S` for the thread to end."""
        if self._thread.is_alive():
            self._thread.join(PATIENCE_S)

    def _load(self) -> None:
        import_module(OTHER_SCREENS)
        self.garbage.spare()

    def _run(self) -> None:
        ending: Message
        try:
            self._pass_on()
        except BaseException as error:  # Whatever it is, the person must see it.
            ending = Failed(error)
        else:
            ending = Ended()
        self._post(ending)

    def _pass_on(self) -> None:
        session = self._open_session()
        self._post(Opened(session))
        self.garbage.spare()
        iterator = iter(session.steps)
        try:
            for snapshot in iterator:
                if self._is_stopping.is_set():
                    return
                self._post(SnapshotArrived(snapshot))
                self.garbage.sweep()
        finally:
            # A generator must be closed by the thread that runs it.
            if isinstance(iterator, Generator):
                iterator.close()

    def _post(self, message: Message) -> None:
        # The loop can close between Textual's own check and its use.
        with contextlib.suppress(RuntimeError):
            self._target.post_message(message)

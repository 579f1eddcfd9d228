"""The picture of the live view in the README, made from the demo: `make picture`."""

from __future__ import annotations

import argparse
import asyncio
import re
from pathlib import Path

from canlock.bundled import bundled_folder
from canlock.cli.demo import SAMPLE, TITLE
from canlock.pipeline.recorded import find_recording, vehicle_for
from canlock.pipeline.replayed import Replay
from canlock.tui.app import LiveApp
from canlock.tui.session import replay_session

SIZE = (140, 46)
PATIENCE_S = 60.0

OUTSIDE_FONTS = re.compile(r"@font-face \{.*?\}\s*", re.DOTALL)
"""Rich asks a server for its font; a page must not, and any font of even width does."""


async def draw() -> str:
    """Return the demo at its end as SVG."""
    recording = find_recording(bundled_folder("captures") / SAMPLE)
    replay = Replay(recording, vehicle_for(recording.path, None), 0.0)
    replay.waits_at_end = True
    view = LiveApp(lambda: replay_session(replay), title=TITLE)
    async with view.run_test(size=SIZE) as pilot:
        async with asyncio.timeout(PATIENCE_S):
            while not (replay.is_at_end and replay.ahead.survey):
                await pilot.pause(0.1)
        await pilot.pause(0.5)
        picture = view.export_screenshot(title="canlock demo")
    view.feed.wait()
    return OUTSIDE_FONTS.sub("", picture)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("to", type=Path, nargs="?", default=Path("docs/live-view.svg"))
    to: Path = parser.parse_args().to
    to.write_text(asyncio.run(draw()), encoding="utf-8")
    print(f"written: {to}")


if __name__ == "__main__":
    main()

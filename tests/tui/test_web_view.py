"""The live view in a browser: one viewer, nothing from outside, no page of another site."""

from __future__ import annotations

import asyncio
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from base64 import b64decode
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.request import Request, urlopen

import pytest

if TYPE_CHECKING:
    from aiohttp import ClientWebSocketResponse

aiohttp = pytest.importorskip("aiohttp", reason="the browser view needs the extra `web`")
pytest.importorskip("textual_serve", reason="the browser view needs the extra `web`")

from canlock.tui.web import PAGES, is_loopback  # noqa: E402

GAITER = Path(__file__).parents[2] / "captures" / "qashqai-driver-door-gaiter.log"
PATIENCE_S = 30.0
OUTSIDE = re.compile(r"(?:https?:)?//(?!127\.0\.0\.1|localhost)[\w.-]+\.\w+", re.IGNORECASE)
CHROMIUM = (
    shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
)


def a_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


class Served:
    """`canlock demo --web` in a process of its own."""

    def __init__(self, *arguments: str, at: str = "127.0.0.1") -> None:
        self.port = a_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.process = subprocess.Popen(
            [sys.executable, "-m", "canlock", *arguments, "--web", "--web-at", f"{at}:{self.port}"],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        until = time.monotonic() + PATIENCE_S
        while time.monotonic() < until:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.05)
        raise AssertionError("it was never served")

    def get(self, path: str) -> tuple[str, dict[str, str]]:
        with urlopen(f"{self.url}{path}", timeout=PATIENCE_S) as answer:
            return answer.read().decode(), {k.lower(): v for k, v in answer.headers.items()}

    def end(self) -> str:
        with self.process:
            self.process.send_signal(signal.SIGINT)
            out, _ = self.process.communicate(timeout=PATIENCE_S)
        return out


@pytest.fixture(scope="module")
def served() -> Iterator[Served]:
    server = Served("demo", "--speed", "100")
    try:
        yield server
    finally:
        out = server.end()
    assert f"Open {server.url} in a browser" in out
    assert "Traceback" not in out
    assert server.process.returncode == 0


@pytest.mark.parametrize("path", ["/", "/refused", "/view.js"])
def test_no_page_names_an_address_outside(served: Served, path: str) -> None:
    text, headers = served.get(path)
    assert OUTSIDE.findall(text) == []
    policy = headers["content-security-policy"]
    assert policy.startswith("default-src 'self'; ")
    assert "*" not in policy


def test_every_page_that_ships_is_looked_at() -> None:
    assert {page.name for page in PAGES.iterdir()} == {"app_index.html", "refused.html", "view.js"}


def test_all_that_the_page_loads_is_here(served: Served) -> None:
    text, _ = served.get("/")
    found = re.findall(r'(?:src|href)="(/[^"]+)"|url\("([^"]+)"\)', text)
    paths = {first or second for first, second in found}
    assert any(path.endswith(".ttf") for path in paths)
    for path in paths:
        with urlopen(f"{served.url}{path}", timeout=PATIENCE_S) as answer:
            assert answer.status == 200


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        pytest.param({}, 101, id="no browser"),
        pytest.param({"Origin": "{url}"}, 101, id="its own page"),
        pytest.param({"Origin": "http://evil.example"}, 403, id="a page of another site"),
        pytest.param({"Host": "evil.example"}, 403, id="a name led here by another site"),
    ],
)
async def test_only_its_own_page_gets_to_see_the_view(
    served: Served, headers: dict[str, str], status: int
) -> None:
    filled = {name: value.format(url=served.url) for name, value in headers.items()}
    async with aiohttp.ClientSession() as session:
        try:
            async with session.ws_connect(f"{served.url}/ws", headers=filled) as view:
                assert (await view.receive(timeout=PATIENCE_S)).type is not None
                found = 101
        except aiohttp.WSServerHandshakeError as error:
            found = error.status
    assert found == status


def test_another_name_for_this_host_is_refused(served: Served) -> None:
    from urllib.error import HTTPError

    with pytest.raises(HTTPError, match="403"):
        urlopen(Request(f"{served.url}/", headers={"Host": "evil.example"}), timeout=PATIENCE_S)


async def until_drawn(tab: ClientWebSocketResponse) -> None:
    """Wait until a tab shows the view."""
    drawn = b""
    while len(drawn) < 2_000:
        message = await tab.receive(timeout=PATIENCE_S)
        drawn += message.data if isinstance(message.data, bytes) else b""


async def test_a_second_tab_is_refused_and_told_why_and_gets_it_when_the_first_goes(
    served: Served,
) -> None:
    async with aiohttp.ClientSession() as session:
        first = await session.ws_connect(f"{served.url}/ws?width=100&height=30")
        await until_drawn(first)
        with pytest.raises(aiohttp.WSServerHandshakeError, match="409"):
            await session.ws_connect(f"{served.url}/ws")
        async with session.get(f"{served.url}/refused") as page:
            assert "Another tab shows this view" in await page.text()
        await first.close()
        async with session.ws_connect(f"{served.url}/ws") as second:
            assert await second.receive(timeout=PATIENCE_S)
        for _ in range(50):
            async with session.get(f"{served.url}/refused") as page:
                text = await page.text()
            if "Another tab" not in text:
                break
            await asyncio.sleep(0.1)
        assert "could not be opened" in text


async def test_it_ends_in_silence_while_a_tab_looks_on() -> None:
    server = Served("replay", str(GAITER), "--speed", "2")
    async with aiohttp.ClientSession() as session:
        tab = await session.ws_connect(f"{server.url}/ws?width=100&height=30")
        await until_drawn(tab)
        out = await asyncio.to_thread(server.end)
    assert out.splitlines() == [f"Open {server.url} in a browser; Ctrl-C ends it."]


@pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium here to look with")
def test_chromium_draws_the_view(served: Served) -> None:
    assert CHROMIUM is not None
    done = subprocess.run(
        [
            CHROMIUM,
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--virtual-time-budget=15000",
            "--dump-dom",
            f"{served.url}/",
        ],
        capture_output=True,
        text=True,
        check=False,
        timeout=2 * PATIENCE_S,
    )
    assert "-first-byte" in done.stdout
    assert "xterm" in done.stdout


async def debugged(port_file: Path) -> str:
    """Return the address at which the first tab of a browser takes commands."""
    for _ in range(300):
        if port_file.exists() and port_file.read_text(encoding="utf-8").strip():
            break
        await asyncio.sleep(0.1)
    port = port_file.read_text(encoding="utf-8").split()[0]
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"http://127.0.0.1:{port}/json/list") as answer,
    ):
        tabs = await answer.json()
    return next(str(tab["webSocketDebuggerUrl"]) for tab in tabs if tab["type"] == "page")


class Tab:
    """A tab of a browser, and what the view in it was sent and drew."""

    def __init__(self, commands: ClientWebSocketResponse) -> None:
        self._commands = commands
        self._count = 0
        self.drawn = b""

    async def command(self, method: str, **given: object) -> None:
        self._count += 1
        await self._commands.send_json({"id": self._count, "method": method, "params": given})

    async def until_drawn(self, text: bytes) -> None:
        async with asyncio.timeout(PATIENCE_S):
            while text not in self.drawn:
                message = await self._commands.receive_json()
                if message.get("method") != "Network.webSocketFrameReceived":
                    continue
                frame = message["params"]["response"]
                if frame["opcode"] == aiohttp.WSMsgType.BINARY:
                    self.drawn += b64decode(frame["payloadData"])


@pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium here to look with")
async def test_a_key_typed_in_the_browser_is_answered_without_a_click(
    served: Served, tmp_path: Path
) -> None:
    assert CHROMIUM is not None
    options = ["--headless", "--no-sandbox", "--disable-gpu", "--remote-debugging-port=0"]
    browser = subprocess.Popen(
        [CHROMIUM, *options, f"--user-data-dir={tmp_path}", "about:blank"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        at = await debugged(tmp_path / "DevToolsActivePort")
        async with (
            aiohttp.ClientSession() as session,
            session.ws_connect(at, max_msg_size=0) as commands,
        ):
            tab = Tab(commands)
            await tab.command("Network.enable")
            await tab.command("Page.navigate", url=served.url)
            await tab.until_drawn(b"Verdict")
            await tab.command("Input.dispatchKeyEvent", type="keyDown", text="?", key="?")
            await tab.until_drawn(b"Keys and signs")
    finally:
        browser.kill()
        browser.wait()


def test_an_address_that_others_reach_is_warned_of() -> None:
    server = Served("demo", at="0.0.0.0")
    out = server.end()
    assert "0.0.0.0 is no loopback address" in out
    assert "without a password" in out


def test_a_view_that_cannot_be_opened_says_so_in_the_terminal(tmp_path: Path) -> None:
    server = Served("replay", str(tmp_path / "no-such.log"))

    async def look() -> None:
        async with (
            aiohttp.ClientSession() as session,
            session.ws_connect(f"{server.url}/ws") as view,
        ):
            message = await view.receive(timeout=PATIENCE_S)
            while message.type is aiohttp.WSMsgType.BINARY:
                message = await view.receive(timeout=PATIENCE_S)
            assert message.type is aiohttp.WSMsgType.CLOSE

    try:
        asyncio.run(look())
    finally:
        out = server.end()
    assert "no-such.log" in out


def test_an_address_that_is_taken_is_one_line() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = subprocess.run(
            [sys.executable, "-m", "canlock", "demo", "--web", "--web-at", str(port)],
            capture_output=True,
            text=True,
            check=False,
            timeout=PATIENCE_S,
        )
    assert done.returncode == 2
    assert f"127.0.0.1:{port} cannot be served at" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("host", "is_here"),
    [
        ("localhost", True),
        ("127.0.0.1", True),
        ("127.9.9.9", True),
        ("::1", True),
        ("0.0.0.0", False),
        ("192.168.1.4", False),
        ("my-laptop.local", False),
    ],
)
def test_what_leads_to_this_computer_alone(host: str, is_here: bool) -> None:
    assert is_loopback(host) is is_here

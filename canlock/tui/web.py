"""The live view in a browser, through textual-serve: for one viewer, and from this host alone.

Each tab of textual-serve starts a process, and a second one would open the adapter once more: so
there is one at a time. Pages load nothing from outside, and no page from outside gets in.
"""

from __future__ import annotations

import asyncio
import ipaddress
import os
from collections.abc import Callable
from pathlib import Path
from typing import Final

import aiohttp_jinja2
from aiohttp import web
from textual_serve.app_service import AppService
from textual_serve.server import Server

from canlock.errors import CanlockError

PAGES: Final = Path(__file__).with_name("web_pages")

HANDOVER_S: Final = 4.0
"""So long a tab waits for the viewer before it to be gone: one that is loaded anew closes its old
view only after the new page has come."""

FAREWELL_S: Final = 5.0
"""So long a process may take to end after its screen is gone."""

DEFAULT_FONT: Final = 16
FONTS: Final = range(6, 73)
LARGEST_SIDE: Final = 1000
"""Columns and rows of a screen."""

LOCAL_NAMES: Final = frozenset({"localhost", "127.0.0.1", "::1"})
WRONG_HOST: Final = "This address is not the one at which canlock is served.\n"
WRONG_ORIGIN: Final = "A page of another site may not look on.\n"
TAKEN: Final = "Another tab shows this view.\n"


def is_loopback(host: str) -> bool:
    """Say whether a host name or address leads to this computer alone."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def serve(command: str, *, title: str, host: str, port: int, tell: Callable[[str], object]) -> None:
    """Serve what a command shows, until Ctrl-C.

    Args:
        command: A command line for the shell that shows a Textual app.
        title: What is shown, for the browser's tab.
        host: Name or address to serve at.
        port: The port.
        tell: Takes a line for the person who started it.

    Raises:
        CanlockError: The address cannot be had.
    """
    server = ViewServer(command, title=title, host=host, port=port, tell=tell)
    try:
        server.serve()
    except OSError as error:
        raise CanlockError(
            f"{host}:{port} cannot be served at: {os.strerror(error.errno or 0)}; "
            "another port is given with --web-at"
        ) from error


class View(AppService):
    """The process behind a tab; the tab is told when it has ended, however it did."""

    async def run(self) -> None:
        """Run the process until it ends, and wait until it is gone: it holds the adapter."""
        await super().run()
        await self.remote_close()
        process = self._process
        if process is None:
            return
        try:
            await asyncio.wait_for(process.wait(), FAREWELL_S)
        except TimeoutError:
            process.kill()
            await process.wait()


class ViewServer(Server):
    """Serves one viewer at a time."""

    def __init__(
        self, command: str, *, title: str, host: str, port: int, tell: Callable[[str], object]
    ) -> None:
        name = f"[{host}]" if ":" in host else host
        super().__init__(
            command,
            host=host,
            port=port,
            title=title,
            public_url=f"http://{name}:{port}",
            templates_path=PAGES,
        )
        self._tell = tell
        self._viewer = asyncio.Lock()
        self._view: View | None = None
        self._end: asyncio.Task[None] | None = None
        """Ends the process behind a tab that is gone."""

    def initialize_logging(self) -> None:
        """Leave logging as it is: what matters is told in plain lines."""

    async def on_startup(self, app: web.Application) -> None:
        """Say where the view is to be found."""
        app.on_response_prepare.append(_forbid_outside)
        self._tell(f"Open {self.public_url} in a browser; Ctrl-C ends it.")

    async def on_shutdown(self, app: web.Application) -> None:  # noqa: ARG002 - as it is called.
        """End the process behind the tab that is still open."""
        if self._end is not None:
            await self._end
        elif self._view is not None:
            await self._view.stop()

    async def _make_app(self) -> web.Application:
        app = await super()._make_app()
        app.router.add_get("/refused", self.handle_refused)
        app.router.add_get("/view.js", self.handle_script)
        return app

    async def handle_index(self, request: web.Request) -> web.StreamResponse:
        """Serve the page of the view."""
        self._check_host(request)
        size = _number(request.query.get("fontsize"), DEFAULT_FONT)
        page: dict[str, object] = {
            "font_size": size if size in FONTS else DEFAULT_FONT,
            "app_websocket_url": f"ws://{request.host}/ws",
            "config": {"static": {"url": "/static/"}},
            "application": {"name": self.title},
        }
        return aiohttp_jinja2.render_template("app_index.html", request, page)

    async def handle_refused(self, request: web.Request) -> web.StreamResponse:
        """Serve the page that says why a tab shows nothing."""
        self._check_host(request)
        page: dict[str, object] = {"name": self.title, "is_taken": self._viewer.locked()}
        return aiohttp_jinja2.render_template("refused.html", request, page)

    async def handle_script(self, request: web.Request) -> web.StreamResponse:
        """Serve what leads a refused tab there."""
        self._check_host(request)
        return web.FileResponse(PAGES / "view.js")

    async def handle_download(self, request: web.Request) -> web.StreamResponse:
        """Serve a file that the view delivers."""
        self._check_host(request)
        return await super().handle_download(request)

    async def handle_websocket(self, request: web.Request) -> web.WebSocketResponse:
        """Join a tab to a process of its own, once no other is being looked at."""
        self._check_host(request)
        origin = request.headers.get("Origin")
        if origin is not None and origin.partition("://")[2] != request.host:
            raise web.HTTPForbidden(text=WRONG_ORIGIN)
        try:
            await asyncio.wait_for(self._viewer.acquire(), HANDOVER_S)
        except TimeoutError:
            raise web.HTTPConflict(text=TAKEN) from None
        try:
            return await self._show(request)
        finally:
            self._viewer.release()

    async def _show(self, request: web.Request) -> web.WebSocketResponse:
        websocket = web.WebSocketResponse(heartbeat=15)
        await websocket.prepare(request)

        async def close() -> None:
            await websocket.close()

        view = View(
            self.command,
            write_bytes=websocket.send_bytes,
            write_str=websocket.send_str,
            close=close,
            download_manager=self.download_manager,
        )
        width = _number(request.query.get("width"), 80)
        height = _number(request.query.get("height"), 24)
        await view.start(min(width, LARGEST_SIDE), min(height, LARGEST_SIDE))
        self._view = view
        try:
            await self._process_messages(websocket, view)
        finally:
            # The server may end meanwhile, and then waits for it: a process left behind would go
            # on to hold the adapter.
            self._end = asyncio.create_task(view.stop())
            await asyncio.shield(self._end)
            self._view = self._end = None
        return websocket

    def _check_host(self, request: web.Request) -> None:
        """Refuse names that another site may have led here.

        Raises:
            HTTPForbidden: The browser believes to speak with somebody else.
        """
        name = request.url.host or ""
        if name.lower() in LOCAL_NAMES or name == self.host or _is_address(name):
            return
        raise web.HTTPForbidden(text=WRONG_HOST)


async def _forbid_outside(request: web.Request, response: web.StreamResponse) -> None:
    """Tell the browser to load nothing from outside, whatever a page says."""
    response.headers["Content-Security-Policy"] = (
        "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
        f"connect-src 'self' ws://{request.host}; frame-ancestors 'none'; base-uri 'none'"
    )
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "no-referrer"


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name.strip("[]"))
    except ValueError:
        return False
    return True


def _number(text: str | None, default: int) -> int:
    return int(text) if text is not None and text.isdecimal() else default

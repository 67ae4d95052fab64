"""Chromium as a visitor uses it, except that nothing it asks of anyone else leaves this machine."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Literal

from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Route,
    WebSocket,
    sync_playwright,
)

from tests.helpers.machine import find_chromium

ARGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
    "--no-first-run",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
)


@contextmanager
def launch(*more: str) -> Iterator[Browser]:
    """A headless Chromium; `more` are further switches, such as a fake camera's."""
    program = find_chromium()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=[*ARGS, *more])
        try:
            yield browser
        finally:
            browser.close()


@dataclass(frozen=True, slots=True)
class Visit:
    """One visitor with an own, empty profile. The lists grow while the visit lasts."""

    page: Page
    origin: str
    third_party: list[str] = field(default_factory=list)
    """Addresses of other origins that a page asked for; none was answered."""
    problems: list[str] = field(default_factory=list)
    """What a page wrote to the console as an error, and exceptions nobody caught."""

    @property
    def context(self) -> BrowserContext:
        return self.page.context

    def go(self, path: str) -> Page:
        self.page.goto(self.origin + path)
        return self.page


@dataclass(frozen=True, slots=True)
class Visitors:
    """Calling it sends a new visitor to a page of the site; `close` shows all of them out."""

    browser: Browser
    origin: str
    contexts: list[BrowserContext] = field(default_factory=list)

    def __call__(
        self,
        path: str | None = "/",
        *,
        width: int = 1280,
        height: int = 800,
        javascript: bool = True,
        locale: str = "en-US",
        color_scheme: Literal["light", "dark", "no-preference"] = "light",
        reduced_motion: Literal["reduce", "no-preference"] = "no-preference",
        forced_colors: Literal["active", "none"] = "none",
        touch: bool = False,
        permissions: Sequence[str] = (),
        allow: Sequence[str] = (),
    ) -> Visit:
        """`allow` names other origins that may answer; `path=None` opens no page yet."""
        context = self.browser.new_context(
            viewport={"width": width, "height": height},
            java_script_enabled=javascript,
            locale=locale,
            color_scheme=color_scheme,
            reduced_motion=reduced_motion,
            forced_colors=forced_colors,
            has_touch=touch,
            permissions=list(permissions),
            service_workers="block",
        )
        self.contexts.append(context)
        context.set_default_timeout(10_000)
        third_party: list[str] = []
        problems: list[str] = []
        ours = "|".join(re.escape(origin) + "(?:[/?#]|$)" for origin in (self.origin, *allow))
        elsewhere = re.compile(rf"^(?!{ours}|(?:data|blob|about):)")

        def block(route: Route) -> None:
            third_party.append(route.request.url)
            route.abort()

        def note_socket(socket: WebSocket) -> None:
            third_party.append(socket.url)

        def note_console(message: ConsoleMessage) -> None:
            if message.type == "error":
                problems.append(message.text)

        def watch(page: Page) -> None:
            page.on("websocket", note_socket)

        context.route(elsewhere, block)
        context.on("console", note_console)
        context.on("weberror", lambda error: problems.append(str(error.error)))
        context.on("page", watch)
        visit = Visit(context.new_page(), self.origin, third_party, problems)
        if path is not None:
            visit.go(path)
        return visit

    def close(self) -> None:
        while self.contexts:
            self.contexts.pop().close()

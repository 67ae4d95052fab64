"""Visitors whose whole traffic is on record: requests by host, what is stored, policy violations."""

from __future__ import annotations

import fnmatch
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml
from playwright.sync_api import Browser, ConsoleMessage, Locator, Page, Request

from tests.helpers import projects
from tests.helpers.chromium import Visit, Visitors
from tests.helpers.machine import ROOT
from tests.helpers.thirdparties import ThirdParties

LANGUAGES = ("en", "bn", "ar")

#: What the browser does under Global Privacy Control, as far as a page can see.
GPC = "Object.defineProperty(Navigator.prototype, 'globalPrivacyControl', { get: () => true })"

_VIOLATION = "policy violation:"
_RECORDER = f"""addEventListener('securitypolicyviolation', (event) => console.warn('{_VIOLATION}',
  event.effectiveDirective, event.blockedURI, 'on', location.href));"""

_STORED = """async () => ({
  local: Object.keys(localStorage),
  session: Object.keys(sessionStorage),
  databases: (await indexedDB.databases()).map(({ name }) => name),
  caches: globalThis.caches ? await caches.keys() : [],
})"""


@dataclass(frozen=True, slots=True)
class Guest:
    """One visitor of a site, with a Google and a CooMeet that answer."""

    visit: Visit
    parties: ThirdParties
    requests: list[str] = field(default_factory=list)
    """Every address that a page asked for, ours too."""
    violations: list[str] = field(default_factory=list)
    """Violations of the Content-Security-Policy, and what the console reported as an error."""

    @property
    def page(self) -> Page:
        return self.visit.page

    @property
    def banner(self) -> Locator:
        return self.page.locator("#consent")

    def button(self, value: str) -> Locator:
        return self.page.locator(f"#consent button[value={value}]")

    def go(self, path: str) -> Page:
        self.page.goto(self.visit.origin + path)
        return self.page

    def press(self, value: str) -> None:
        self.button(value).click()

    def open_settings(self) -> None:
        self.page.locator(".colophon [data-open=consent]").click()

    def accept(self) -> None:
        """Accept, and wait until Google has its hit and its cookies are there."""
        before = len(self.parties.hits)
        self.press("accept")
        self.wait(lambda: len(self.parties.hits) > before, "no hit reached Google after Accept")

    def reject(self) -> None:
        self.press("reject")

    def wait(self, until: Callable[[], bool], otherwise: str, seconds: float = 5) -> None:
        end = time.monotonic() + seconds
        while not until():
            assert time.monotonic() < end, otherwise
            self.page.wait_for_timeout(25)

    def settle(self) -> None:
        """Time enough for a request that should not be made."""
        self.page.wait_for_load_state("load")
        self.page.wait_for_timeout(150)

    def choice(self) -> Any:
        return json.loads(self.page.evaluate("localStorage.getItem('consent')") or "null")

    def cookies(self) -> dict[str, Any]:
        return {str(cookie.get("name")): cookie for cookie in self.visit.context.cookies()}

    def stored(self) -> dict[str, list[str]]:
        """Everything kept in the browser: kind -> names."""
        found: dict[str, list[str]] = self.page.evaluate(_STORED)
        return {"cookies": sorted(self.cookies())} | found

    def hosts(self) -> set[str]:
        """Hosts of others that were asked for anything."""
        ours = urlsplit(self.visit.origin).netloc
        found = {urlsplit(url).netloc for url in self.requests if not url.startswith(("data:", "blob:"))}
        return found - {ours, ""}


@dataclass(frozen=True, slots=True)
class Guests:
    """`guests("/en/", gpc=True, width=390)` is a new guest on that page of one site."""

    visitors: Visitors
    known: list[Guest] = field(default_factory=list)

    def __call__(self, path: str | None = "/en/", *, gpc: bool = False, **options: Any) -> Guest:
        visit = self.visitors(None, **options)
        guest = Guest(visit, ThirdParties(), violations=visit.problems)
        guest.parties.invite(visit.context)

        def note_request(request: Request) -> None:
            guest.requests.append(request.url)

        def note_console(message: ConsoleMessage) -> None:
            if message.text.startswith(_VIOLATION):
                guest.violations.append(message.text)

        visit.context.on("request", note_request)
        visit.context.on("console", note_console)
        visit.context.add_init_script(_RECORDER)
        if gpc:
            visit.context.add_init_script(GPC)
        self.known.append(guest)
        if path is not None:
            guest.go(path)
        return guest

    def violations(self) -> list[str]:
        return [text for guest in self.known for text in guest.violations]

    def close(self) -> None:
        self.visitors.close()


def guests_of(browser: Browser, origin: str) -> Guests:
    return Guests(Visitors(browser, origin))


# ── what config.yaml declares ───────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Declared:
    """What a visitor's browser may store and whom it may call."""

    cookies: tuple[str, ...]
    storage: tuple[str, ...]
    hosts: tuple[str, ...]

    def undeclared(self, guest: Guest) -> list[str]:
        found = guest.stored()
        wrong = [f"cookie {name}" for name in found["cookies"] if not _named(name, self.cookies)]
        wrong += [f"storage {name}" for name in found["local"] if not _named(name, self.storage)]
        for kind in ("session", "databases", "caches"):
            wrong += [f"{kind} {name}" for name in found[kind]]
        return wrong + [f"host {host}" for host in sorted(guest.hosts()) if not _named(host, self.hosts)]


def _named(name: str, patterns: tuple[str, ...]) -> bool:
    return any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns)


def config() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))
    return found


def declared() -> Declared:
    services = config()["services"].values()
    rows = [row for service in services for row in service.get("cookies", ())]
    origins = [
        origin
        for service in services
        for origins in service.get("origins", {}).values()
        for origin in origins
    ]
    origins += [service["embed_url"] for service in services if "embed_url" in service]
    return Declared(
        tuple(row["name"] for row in rows if row.get("kind", "cookie") == "cookie"),
        tuple(row["name"] for row in rows if row.get("kind") == "local-storage"),
        tuple(urlsplit(origin).netloc for origin in origins),
    )


# ── variants of the site ────────────────────────────────────────────────────────────────────────

_PARTS = ("assets", "content", "templates", "translations")


def sources() -> dict[str, bytes]:
    """The project of this repository: path -> bytes."""
    files = {"config.yaml": (ROOT / "config.yaml").read_bytes()}
    for part in _PARTS:
        files |= {f"{part}/{path}": data for path, data in projects.files_of(ROOT / part).items()}
    return files


def replaced(files: Mapping[str, bytes], path: str, old: str, new: str) -> dict[str, bytes]:
    """The files with one small change in one of them."""
    text = files[path].decode()
    assert text.count(old) >= 1, f"{path} does not hold {old!r}"
    return {**files, path: text.replace(old, new, 1).encode()}


def build(files: Mapping[str, bytes], folder: Path) -> Path:
    """The site of a project, in a folder."""
    site, problems = projects.built(files)
    assert site, "\n".join(map(str, problems))
    return projects.write(site, folder)

"""What every host has to do, as one value; the dialects only write it down.

A page's headers are those all files have (`COMMON`), its own (Content-Security-Policy, Permissions-Policy …)
and Cache-Control. A path without a file gets the nearest 404 page with that page's headers. `/` goes to a
language."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from msgspec import Struct

from policysite.core.diagnostics import Diagnostic
from policysite.core.model import Config, Header, OutputFile
from policysite.core.urls import address
from policysite.render.headers import COMMON

#: (output path, headers) of every page.
PageHeaders = Sequence[tuple[str, tuple[Header, ...]]]

#: What a dialect gives: its files, and what the host cannot do (H…).
Written = tuple[tuple[OutputFile, ...], tuple[Diagnostic, ...]]

#: Fingerprinted files never change; a browser need not ask again for a year (RFC 8246).
IMMUTABLE: Header = ("Cache-Control", "public, max-age=31536000, immutable")
#: Everything else is kept, and asked for (by ETag) before each use (RFC 9111, 5.2.2.4).
REVALIDATE: Header = ("Cache-Control", "no-cache")

#: Folder of the output that holds fingerprinted files only.
ASSETS = "assets/"

#: Folder of the output for configuration that a server reads and nobody is served.
PRIVATE = ".hosts"

#: Cookie that holds the language a visitor chose; hosts obey it where a service declares it.
LANGUAGE_COOKIE = "language"


class HostPage(Struct, frozen=True):
    """A page: its output path, and the headers only it and pages like it have."""

    output: str
    own: tuple[Header, ...]


class HostSite(Struct, frozen=True):
    """The site as hosts see it.

    pages: sorted by output path. files: every other output path, sorted. homes: (language tag, address) in
    the site's order. not_found: (address prefix, output path of the 404 page), the longest prefix first.
    remembers: whether the language cookie is declared. precompressed: whether `.br` and `.gz` lie beside
    files."""

    pages: tuple[HostPage, ...]
    files: tuple[str, ...]
    homes: tuple[tuple[str, str], ...]
    not_found: tuple[tuple[str, str], ...]
    remembers: bool
    precompressed: bool

    @property
    def tags(self) -> tuple[str, ...]:
        """The published languages."""
        return tuple(tag for tag, _ in self.homes)

    def page(self, output: str) -> HostPage | None:
        """The page of an output path."""
        return next((page for page in self.pages if page.output == output), None)

    def headers(self, output: str) -> tuple[Header, ...]:
        """All headers of a file: what tests compare servers with."""
        page = self.page(output)
        own = page.own if page else ()
        vary = (("Vary", self.vary),) if output == "index.html" else ()
        return (*own, *COMMON, IMMUTABLE if output.startswith(ASSETS) else REVALIDATE, *vary)

    @property
    def vary(self) -> str:
        """What the answer at `/` depends on."""
        return "Accept-Language, Cookie" if self.remembers else "Accept-Language"

    def missing(self, address: str) -> str | None:
        """The output path of the page that answers for an address without a file."""
        return next((output for prefix, output in self.not_found if address.startswith(prefix)), None)


def host_site(
    config: Config,
    pages: PageHeaders,
    files: Sequence[str],
    homes: Sequence[tuple[str, str]],
    precompressed: bool,
) -> HostSite:
    """The model. files: all output paths, pages among them. homes: (tag, address) of each published home."""
    outputs = {output for output, _ in pages}
    return HostSite(
        pages=tuple(
            HostPage(output, tuple(row for row in headers if row not in COMMON))
            for output, headers in sorted(pages)
        ),
        files=tuple(sorted(set(files) - outputs)),
        homes=tuple(homes),
        not_found=tuple(_not_found(sorted(outputs))),
        remembers=remembered(config) is not None,
        precompressed=precompressed,
    )


def remembered(config: Config) -> int | None:
    """How many seconds the language that a visitor chose is kept (0: until the browser is closed).

    None where no first-party service declares the cookie for it: nothing is kept.
    """
    for service in config.active_services:
        for cookie in service.cookies:
            if (service.kind, cookie.kind, cookie.name) == ("first-party", "cookie", LANGUAGE_COOKIE):
                return cookie.duration.seconds
    return None


def _not_found(outputs: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Each language's 404 page for its own part of the site and for the apps' copy of it; the longest
    first."""
    rows = []
    for output in outputs:
        if output == "404.html" or output.endswith("/404.html"):
            folder = output.removesuffix("404.html")
            rows.append((f"/{folder}", output))
            if folder and any(other.startswith(f"app/{folder}") for other in outputs):
                rows.append((f"/app/{folder}", output))
    return iter(sorted(rows, key=lambda row: (-len(row[0]), row[0])))


def groups(site: HostSite) -> tuple[tuple[tuple[Header, ...], tuple[HostPage, ...]], ...]:
    """The pages by their own headers, in the order of the first page of each group."""
    found: dict[tuple[Header, ...], list[HostPage]] = {}
    for page in site.pages:
        found.setdefault(page.own, []).append(page)
    return tuple((own, tuple(pages)) for own, pages in found.items())


# ── few rules for many pages ────────────────────────────────────────────────────────────────────

#: Stands for any text without a slash in a pattern of `rules`.
ANY = "*"


class Rule(Struct, frozen=True):
    """For hosts that match addresses in order and let the last match win.

    pattern: the parts of an address between its slashes, `ANY` for any one; () for the rest of the site.
    """

    pattern: tuple[str, ...]
    own: tuple[Header, ...]

    def matches(self, path: str) -> bool:
        """Whether an address falls under the rule."""
        parts = tuple(path.split("/")[1:])
        if not self.pattern:
            return True
        return len(parts) == len(self.pattern) and all(
            want == part or (want == ANY and part != "")
            for want, part in zip(self.pattern, parts, strict=True)
        )


def rules(site: HostSite) -> tuple[Rule, ...]:
    """As few rules as it takes: the general ones first, what differs after them.

    The rest of the site gets the headers of the top 404 page, which answers where no file is.
    """
    rest = site.page("404.html")
    made = [Rule((), rest.own if rest else ())]
    wanted = {tuple(address(page.output).split("/")[1:]): page.own for page in site.pages}
    now = dict.fromkeys(wanted, made[0].own)
    tags = frozenset(site.tags)
    for shape in (_any_page, _same_page):
        patterns: dict[tuple[str, ...], Counter[tuple[Header, ...]]] = {}
        for parts, own in wanted.items():
            if not tags.isdisjoint(parts):
                patterns.setdefault(shape(parts, tags), Counter())[own] += 1
        covered = _covered(patterns, wanted)
        for pattern, counted in sorted(patterns.items()):
            most = max(counted.items(), key=lambda item: (item[1], item[0]))[0]
            before = sum(now[parts] == wanted[parts] for parts in covered[pattern])
            if sum(most == wanted[parts] for parts in covered[pattern]) > before + 1:
                made.append(Rule(pattern, most))
                now.update(dict.fromkeys(covered[pattern], most))
    made += (Rule(parts, own) for parts, own in wanted.items() if now[parts] != own)
    return tuple(made)


def _covered(
    patterns: Iterable[tuple[str, ...]], addresses: Iterable[tuple[str, ...]]
) -> dict[tuple[str, ...], list[tuple[str, ...]]]:
    """The addresses that each pattern matches; found by their fixed parts, not pattern by pattern."""
    masks: dict[tuple[bool, ...], dict[tuple[str, ...], list[tuple[str, ...]]]] = {}
    for pattern in patterns:
        mask = tuple(part == ANY for part in pattern)
        masks.setdefault(mask, {})[pattern] = []
    for parts in addresses:
        for mask, found in masks.items():
            if len(mask) == len(parts):
                key = tuple(
                    ANY if hidden and part else part for hidden, part in zip(mask, parts, strict=True)
                )
                if key in found:
                    found[key].append(parts)
    return {pattern: rows for found in masks.values() for pattern, rows in found.items()}


def _any_page(parts: tuple[str, ...], tags: frozenset[str]) -> tuple[str, ...]:
    """`/bn/privacy/` → any page of any language."""
    return tuple(part if part in ("", "app") else ANY for part in parts)


def _same_page(parts: tuple[str, ...], tags: frozenset[str]) -> tuple[str, ...]:
    """`/bn/privacy/` → the same page in any language."""
    return tuple(ANY if part in tags else part for part in parts)

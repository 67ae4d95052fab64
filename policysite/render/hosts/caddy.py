"""Caddy (2.6 or newer): `.hosts/Caddyfile`, to be imported into the site block, after `root`.

Headers are set by exact addresses; Caddy sends `/en/privacy/index.html` on to `/en/privacy/` by itself.
Patterns are RE2, which has no lookahead."""

from __future__ import annotations

from collections.abc import Iterator

from policysite.core.mediatypes import TYPES
from policysite.core.model import Header, OutputFile
from policysite.core.negotiation import choices, wishes
from policysite.core.urls import addresses
from policysite.render.headers import COMMON
from policysite.render.hosts.model import (
    ASSETS,
    IMMUTABLE,
    LANGUAGE_COOKIE,
    PRIVATE,
    REVALIDATE,
    HostSite,
    Written,
    groups,
)


def caddy(site: HostSite) -> Written:
    """`.hosts/Caddyfile`."""
    return (OutputFile(f"{PRIVATE}/Caddyfile", ("\n".join(_rows(site)) + "\n").encode()),), ()


def _quoted(text: str) -> str:
    """Between backticks nothing is read but `{…}`, and no text of ours holds a backtick."""
    return f"`{text}`"


def _rows(site: HostSite) -> Iterator[str]:
    yield "# Made by policysite: import in the site block, after root."
    yield "route {"  # keeps the order that is written here
    yield from ("\t" + row for row in _route(site))
    yield "}"
    yield from _errors(site)


def _route(site: HostSite) -> Iterator[str]:
    yield "header {"
    for name, value in (*COMMON, REVALIDATE):
        yield f"\t{name} {_quoted(value)}"
    yield "}"
    yield "header -Server"  # apart: a block that deletes is applied last as a whole
    yield "@policysite_assets {"
    yield f"\tpath /{ASSETS}*"
    yield "\tfile {path}"
    yield "}"
    yield f"header @policysite_assets {IMMUTABLE[0]} {_quoted(IMMUTABLE[1])}"
    for number, (own, pages) in enumerate(groups(site)):
        paths = " ".join(path for page in pages for path in addresses(page.output))
        yield f"@policysite_{number} path {paths}"
        yield from _header(f"@policysite_{number}", own)
    if site.precompressed:
        yield "header +Vary Accept-Encoding"
    yield "header / +Vary " + _quoted(site.vary)
    for suffix, kind in sorted(TYPES.items()):
        yield from _content_type(suffix.removeprefix("."), f"*{suffix}", kind)
    yield from _content_type("association", "/.well-known/apple-app-site-association", TYPES[".json"])
    yield "@policysite_writing not method GET HEAD"
    yield "respond @policysite_writing 405"
    yield r"@policysite_control path_regexp [\x00-\x1f]"
    yield "error @policysite_control 404"
    yield "@policysite_hidden {"
    yield r"	path_regexp /\."
    yield "	not path /.well-known/*"
    yield "}"
    yield "error @policysite_hidden 404"
    yield r"@policysite_hidden_inside path_regexp ^/\.well-known/(?:.*/)?\."
    yield "error @policysite_hidden_inside 404"
    if len(site.homes) > 1:
        yield from _negotiation(site)
    yield "file_server {"
    yield f"\thide {PRIVATE}"
    if site.precompressed:
        yield "\tprecompressed br gzip"
    yield "}"


def _errors(site: HostSite) -> Iterator[str]:
    yield "handle_errors {"
    yield "\theader -Server"
    for prefix, output in site.not_found:
        page = site.page(output)
        yield f"\thandle {prefix}* {{"
        yield f"\t\trewrite * /{output}"
        yield from ("\t\t" + row for row in _header("", (*(page.own if page else ()), REVALIDATE, *COMMON)))
        yield f"\t\theader Content-Type {_quoted(TYPES['.html'])}"
        yield "\t\tfile_server {"
        if site.precompressed:
            yield "\t\t\tprecompressed br gzip"
        yield "\t\t}"
        yield "\t}"
    yield "}"


def _content_type(name: str, path: str, kind: str) -> Iterator[str]:
    """Deferred, because the file server sets its own."""
    yield f"@policysite_type_{name} path {path}"
    yield f"header @policysite_type_{name} {{"
    yield f"\tContent-Type {_quoted(kind)}"
    yield "\tdefer"
    yield "}"


def _header(matcher: str, headers: tuple[Header, ...]) -> Iterator[str]:
    yield f"header {matcher} {{".replace("  ", " ")
    for name, value in headers:
        yield f"\t{name} {_quoted(value)}"
    yield "}"


def _negotiation(site: HostSite) -> Iterator[str]:
    homes = dict(site.homes)
    yield "map {http.request.header.Accept-Language} {policysite_range} {"
    for wish in wishes(site.tags):
        yield f"\t{_quoted(f'~(?i){wish}')} {_quoted('${1}')}"
    yield "\tdefault none"
    yield "}"
    yield "map {policysite_range} {policysite_wished} {"
    for pattern, tag in choices(site.tags):
        yield f"\t{_quoted(f'~(?i)^(?:{pattern})$')} {homes[tag]}"
    yield "\tdefault none"
    yield "}"
    chosen = f"{{http.request.cookie.{LANGUAGE_COOKIE}}}" if site.remembers else "none"
    yield f"map {chosen} {{policysite_home}} {{"
    for tag, home in site.homes if site.remembers else ():
        yield f"\t{tag} {home}"
    yield "\tdefault {policysite_wished}"
    yield "}"
    yield "@policysite_root {"
    yield "\tpath /"
    yield '\tnot expression `{policysite_home} == "none"`'
    yield "}"
    yield "redir @policysite_root {policysite_home} 302"

"""nginx (1.18 or newer): two files below `.hosts/` of the output.

`nginx-http.conf` belongs into `http { … }`: maps from the file that answers (`$uri` after `index` and
`error_page`) to its headers, and from Accept-Language to a home page. `nginx-server.conf` belongs into
`server { … }`, beside `root`. An `add_header` in a location of yours would switch ours off (nginx inherits
them only where there is none). nginx reads parameters of up to 4,096 bytes (NGX_CONF_BUFFER), and hashes map
keys of up to the size of a cache line; longer keys are written as patterns."""

from __future__ import annotations

import re
from collections.abc import Iterator

from policysite.core.diagnostics import Diagnostic, Place, problem
from policysite.core.mediatypes import TYPES
from policysite.core.model import CONFIG, OutputFile
from policysite.core.negotiation import choices, wishes
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

#: nginx refuses a parameter that does not fit into its buffer of 4,096 bytes.
MAX_PARAMETER = 4000
#: A key of a map shares a hash bucket (64 bytes on machines with such cache lines) with two pointers.
MAX_KEY = 40


def nginx(site: HostSite) -> Written:
    """`.hosts/nginx-http.conf` and `.hosts/nginx-server.conf`."""
    negotiated = len(site.homes) > 1 and all(len(wish) < MAX_PARAMETER for wish in wishes(site.tags))
    http = "\n".join(_http(site, negotiated)) + "\n"
    server = "\n".join(_server(site, negotiated)) + "\n"
    files = (
        OutputFile(f"{PRIVATE}/nginx-http.conf", http.encode()),
        OutputFile(f"{PRIVATE}/nginx-server.conf", server.encode()),
    )
    return files, tuple(_problems(site, negotiated, http))


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _value(text: str) -> str:
    """A value in which nginx would read variables; no header of ours holds a dollar sign (see
    `_problems`)."""
    return _quoted(text)


def _key(output: str) -> str:
    path = f"/{output}"
    return _quoted(path if len(path) <= MAX_KEY else f"~^{re.escape(path)}$")


def _http(site: HostSite, negotiated: bool) -> Iterator[str]:
    yield "# Made by policysite: include in http { … }. Headers of each page, and where / leads."
    yield "map $uri $policysite_group {"
    yield '  default "";'
    made = groups(site)
    for number, (_, pages) in enumerate(made):
        for page in pages:
            yield f"  {_key(page.output)} {number};"
    yield "}"
    for name in dict.fromkeys(name for own, _ in made for name, _ in own):
        yield f"map $policysite_group ${_variable(name)} {{"
        yield '  default "";'
        for number, (own, _) in enumerate(made):
            if name in dict(own):
                yield f"  {number} {_value(dict(own)[name])};"
        yield "}"
    yield "map $uri $policysite_cache {"
    yield f"  default {_value(REVALIDATE[1])};"
    yield f"  ~^/{ASSETS} {_value(IMMUTABLE[1])};"
    yield "}"
    yield "map $uri $policysite_vary {"
    yield '  default "";'
    for path in ("/", "/index.html"):
        yield f"  {path} {_value(site.vary)};"
    yield "}"
    if not negotiated:
        return
    homes = dict(site.homes)
    yield "map $http_accept_language $policysite_range {"
    yield '  default "";'
    for number, wish in enumerate(wishes(site.tags)):
        named = wish.replace(r"\s*(", rf"\s*(?<policysite_wish{number}>", 1)
        yield f"  {_quoted(f'~*{named}')} $policysite_wish{number};"
    yield "}"
    yield "map $policysite_range $policysite_wished {"
    yield '  default "";'
    for pattern, tag in choices(site.tags):
        yield f"  {_quoted(f'~*^(?:{pattern})$')} {homes[tag]};"
    yield "}"
    chosen = f"$cookie_{LANGUAGE_COOKIE}" if site.remembers else '""'
    yield f"map {chosen} $policysite_home {{"
    yield "  default $policysite_wished;"
    for tag, home in site.homes if site.remembers else ():
        yield f"  {_quoted(f'~^{re.escape(tag)}$')} {home};"
    yield "}"


def _variable(name: str) -> str:
    return "policysite_" + re.sub(r"[^a-z]+", "_", name.lower())


def _server(site: HostSite, negotiated: bool) -> Iterator[str]:
    yield "# Made by policysite: include in server { … }, after root. Needs nginx-http.conf in http { … }."
    yield "index index.html;"
    yield "autoindex off;"
    yield "etag on;"
    yield "server_tokens off;"
    yield "absolute_redirect off;"
    yield "types {"
    for suffix, kind in sorted(TYPES.items()):
        yield f"  {kind.partition(';')[0]} {suffix.removeprefix('.')};"
    yield "}"
    yield "default_type application/octet-stream;"
    yield "charset utf-8;"
    kinds = sorted({kind.partition(";")[0] for kind in TYPES.values() if "charset" in kind} - {"text/html"})
    yield f"charset_types {' '.join(kinds)};"
    if site.precompressed:
        yield "gzip_static on;"
        yield "gzip_vary on;"
        yield "# brotli_static on; # with the module ngx_brotli (Debian: libnginx-mod-http-brotli-static)"
    for name, value in COMMON:
        yield f"add_header {name} {_value(value)} always;"
    for name in dict.fromkeys(name for own, _ in groups(site) for name, _ in own):
        yield f"add_header {name} ${_variable(name)} always;"
    yield "add_header Cache-Control $policysite_cache always;"
    yield "add_header Vary $policysite_vary always;"
    yield r"location ~ /\.(?!well-known/) { return 404; }"
    yield r"location ~ /\.well-known/(?:.*/)?\. { return 404; }"
    yield "location = /.well-known/apple-app-site-association { default_type application/json; }"
    if negotiated:
        yield "location = / {"
        yield "  if ($policysite_home) { return 302 $policysite_home; }"
        yield "  try_files /index.html =404;"
        yield "}"
    for prefix, output in site.not_found:
        yield f"location {prefix} {{"
        yield f"  error_page 403 404 =404 /{output};"
        yield "  try_files $uri $uri/ =404;"
        yield "}"
    top = dict(site.not_found).get("/")
    if top:
        yield f"error_page 404 /{top};"


def _problems(site: HostSite, negotiated: bool, http: str) -> Iterator[Diagnostic]:
    place = Place(CONFIG)
    if len(site.homes) > 1 and not negotiated:
        yield problem(
            "H003",
            place,
            f"nginx reads patterns of {MAX_PARAMETER} characters; {len(site.homes)} languages need more: "
            "visitors of / get the list of languages",
            "nothing, if that is fine: the list works everywhere; else use another host",
        )
    values = [value for page in site.pages for _, value in page.own]
    longest = max(values, key=len, default="")
    if len(longest) > MAX_PARAMETER:
        yield problem(
            "H001",
            place,
            f"nginx reads values of {MAX_PARAMETER} characters, a header has {len(longest)}: {longest[:60]}…",
            "declare fewer origins for one page, or take nginx off hosts",
        )
    if any("$" in value for value in values):
        yield problem(
            "H001",
            place,
            "nginx reads a dollar sign in a header as a variable, and has no way to write one",
            "remove it from the origins, or take nginx off hosts",
        )

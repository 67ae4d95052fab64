"""Apache (2.4.26 or newer): `.htaccess`, or the same text inside `<Directory>` of the server's configuration.

Needs mod_headers, mod_rewrite, mod_mime, mod_dir and `AllowOverride All` (or Include). Headers are chosen by
the file that answers (`REQUEST_URI` after mod_dir and ErrorDocument). Apache makes every redirect absolute,
from the Host header of the visitor unless the server's configuration says `UseCanonicalName On`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from policysite.core.mediatypes import TYPES
from policysite.core.model import OutputFile
from policysite.core.negotiation import choices, wishes
from policysite.render.headers import COMMON
from policysite.render.hosts.model import (
    ASSETS,
    IMMUTABLE,
    LANGUAGE_COOKIE,
    REVALIDATE,
    HostSite,
    Written,
    groups,
)

_COMPRESSED = r"(?:\.br|\.gz)?"
_ENCODINGS = (("br", "br"), ("gzip", "gz"))


def apache(site: HostSite) -> Written:
    """`.htaccess`."""
    return (OutputFile(".htaccess", ("\n".join(_rows(site)) + "\n").encode()),), ()


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '\\"') + '"'


def _when(pattern: str) -> str:
    return _quoted(f"expr=%{{REQUEST_URI}} =~ m#{pattern}#")


def _rows(site: HostSite) -> Iterator[str]:
    yield "# Made by policysite."
    yield "Options -Indexes -MultiViews +FollowSymLinks"
    yield "DirectoryIndex index.html"
    yield "FileETag MTime Size"
    yield "AddDefaultCharset utf-8"
    for suffix, kind in sorted(TYPES.items()):
        yield f"AddType {kind.partition(';')[0]} {suffix}"
    texts = " ".join(suffix for suffix, kind in sorted(TYPES.items()) if "charset" in kind)
    yield f"AddCharset utf-8 {texts}"
    yield '<Files "apple-app-site-association">'
    yield f"  ForceType {_quoted(TYPES['.json'])}"
    yield "</Files>"
    for prefix, output in reversed(site.not_found):
        if prefix == "/":
            yield f"ErrorDocument 404 /{output}"
        else:
            yield f'<If "%{{REQUEST_URI}} =~ m#^{re.escape(prefix)}#">'
            yield f"  ErrorDocument 404 /{output}"
            yield "</If>"
    yield from _headers(site)
    yield "RewriteEngine On"
    yield "RewriteCond %{REQUEST_METHOD} !^(?:GET|HEAD)$"
    yield "RewriteRule ^ - [R=405,L]"
    yield r"RewriteRule (?:^|/)\.(?!well-known/) - [R=404,L]"
    yield r"RewriteRule ^\.well-known/(?:.*/)?\. - [R=404,L]"
    # A folder without a page is no file: the 404 page of its language answers, not 403.
    yield "RewriteCond %{REQUEST_FILENAME} -d"
    yield "RewriteCond %{REQUEST_FILENAME}/index.html !-f"
    yield "RewriteRule . - [R=404,L]"
    if len(site.homes) > 1:
        yield from _negotiation(site)
    if site.precompressed:
        yield from _precompressed()


def _headers(site: HostSite) -> Iterator[str]:
    for name, value in COMMON:
        yield f"Header always set {name} {_quoted(value)}"
    name, value = REVALIDATE
    yield f"Header always set {name} {_quoted(value)}"
    name, value = IMMUTABLE
    yield f"Header always set {name} {_quoted(value)} {_when(f'^/{ASSETS}')}"
    for own, pages in groups(site):
        paths = "|".join(re.escape(page.output).replace(r"\-", "-") for page in pages)
        for name, value in own:
            yield f"Header always set {name} {_quoted(value)} {_when(f'^/(?:{paths}){_COMPRESSED}$')}"
    yield f"Header always merge Vary {_quoted(site.vary)} {_when(f'^/(?:index[.]html{_COMPRESSED})?$')}"


def _negotiation(site: HostSite) -> Iterator[str]:
    homes = dict(site.homes)
    if site.remembers:
        for tag, home in site.homes:
            yield rf"RewriteCond %{{HTTP:Cookie}} (?:^|;\s*){LANGUAGE_COOKIE}={re.escape(tag)}(?:;|$)"
            yield f"RewriteRule ^$ {home} [R=302,L]"
    for wish in wishes(site.tags):
        yield "RewriteCond %{ENV:POLICYSITE_RANGE} ^$"
        yield f'RewriteCond %{{HTTP:Accept-Language}} "{wish}" [NC]'
        yield "RewriteRule ^$ - [E=POLICYSITE_RANGE:%1]"
    for pattern, tag in choices(site.tags):
        yield f'RewriteCond %{{ENV:POLICYSITE_RANGE}} "^(?:{pattern})$" [NC]'
        yield f"RewriteRule ^$ {homes[tag]} [R=302,L]"


def _precompressed() -> Iterator[str]:
    # mod_mime knows .br as Breton and .gz as a type of its own.
    yield "RemoveLanguage .br"
    yield "RemoveType .gz .br"
    for coding, suffix in _ENCODINGS:
        yield f"AddEncoding {coding} .{suffix}"
    texts = "|".join(suffix.removeprefix(".") for suffix, kind in sorted(TYPES.items()) if is_text(kind))
    accepted = r"(?:\s*;\s*q=(?:1|0\.\d*[1-9]))?\s*(?:,|$)"
    answered = _when(rf"\.(?:{texts}){_COMPRESSED}$")
    for coding, suffix in _ENCODINGS:
        yield rf'RewriteCond %{{HTTP:Accept-Encoding}} "(?:^|[\s,]){coding}{accepted}"'
        yield rf"RewriteCond %{{REQUEST_FILENAME}}.{suffix} -f"
        yield rf"RewriteRule ^(.+\.(?:{texts}))$ /$1.{suffix} [L]"
    yield rf'Header always merge Vary "Accept-Encoding" {answered}'


def is_text(kind: str) -> bool:
    """Whether a media type is worth compressing."""
    return "charset" in kind

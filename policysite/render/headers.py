"""The HTTP headers of each page, computed from the page that was rendered (design: hosting.md, consent.md).

What a page loads is read from its HTML; nothing is allowed that the page does not use. Declared services
decide which foreign origins a page may use at all (`origin_problems`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from html import unescape
from html.parser import HTMLParser
from typing import Literal

from msgspec import Struct

from policysite.core import urls
from policysite.core.diagnostics import Diagnostic, Place, problem
from policysite.core.model import Config, Header, Isolation, Service


class Loads(Struct, frozen=True):
    """What a page can make a browser fetch: (kind, address, integrity) in order of appearance.

    kind is the CSP directive's stem: script, style, img, frame, connect, font, media, object, form, manifest.
    """

    items: tuple[tuple[str, str, str], ...]

    def of(self, kind: str) -> tuple[str, ...]:
        """Addresses of one kind, without repeats."""
        return tuple(dict.fromkeys(address for found, address, _ in self.items if found == kind))


_LINKS = {
    "stylesheet": "style",
    "icon": "img",
    "apple-touch-icon": "img",
    "mask-icon": "img",
    "manifest": "manifest",
    "modulepreload": "script",
    "preload": "preload",
    "prefetch": "prefetch",
    "preconnect": "prefetch",
    "dns-prefetch": "prefetch",
}
_SOURCES = {
    "script": "script",
    "img": "img",
    "iframe": "frame",
    "frame": "frame",
    "audio": "media",
    "video": "media",
    "source": "media",
    "track": "media",
    "embed": "object",
    "input": "img",
}


def _loads_of(tag: str, attrs: Iterable[tuple[str, str | None]]) -> Iterator[tuple[str, str, str]]:
    """What one start tag makes a browser fetch: (kind, address, integrity)."""
    values = {name: value or "" for name, value in attrs}
    integrity = values.get("integrity", "")
    if tag in _SOURCES and values.get("src"):
        yield _SOURCES[tag], values["src"].strip(), integrity
    if tag in ("img", "source") and values.get("srcset"):
        for candidate in values["srcset"].split(","):
            if candidate.strip():
                yield "img", candidate.strip().split()[0], ""
    if tag == "link" and values.get("href"):
        for word in values.get("rel", "").lower().split():
            if word in _LINKS:
                yield _LINKS[word], values["href"].strip(), integrity
    if tag == "form":
        yield "form", values.get("action", "").strip(), ""
    if tag in ("button", "input") and values.get("formaction"):
        yield "form", values["formaction"].strip(), ""
    if tag == "object" and values.get("data"):
        yield "object", values["data"].strip(), ""
    if tag == "video" and values.get("poster"):
        yield "img", values["poster"].strip(), ""
    if tag == "base" and values.get("href"):
        yield "base", values["href"].strip(), ""
    if tag == "a" and values.get("ping"):
        for address in values["ping"].split():
            yield "connect", address, ""
    if tag in ("image", "use") and (values.get("href") or values.get("xlink:href")):
        yield "img", (values.get("href") or values["xlink:href"]).strip(), ""
    if tag == "meta" and values.get("http-equiv", "").lower() == "refresh":
        match = re.search(r"url\s*=\s*['\"]?([^'\"]+)", values.get("content", ""), re.IGNORECASE)
        if match:
            yield "frame", match.group(1).strip(), ""


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.items: list[tuple[str, str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.items += _loads_of(tag, attrs)


#: Tags of running text that load nothing and hold no script, with attributes that do neither. (No value holds
#: a `=`, so that none holds what `_INLINE` looks for.) Nine of ten tags are such.
_VALUE = r'="(?!\s*+(?i:javascript:))[^"<>=]*+"'
_SILENT = (
    r"(?:/?+(?:a|p|li|ul|ol|dl|dt|dd|code|strong|em|b|bdi|span|div|nav|h[1-6]|table|thead|tbody|tr|th|td|header"
    rf"|section)(?: (?:href|lang|dir|hreflang|class|id|rel|role|tabindex|aria-[a-z]++){_VALUE})*+"
    rf'|link rel="(?:alternate|canonical)"(?: (?:type|hreflang|href){_VALUE})*+)>'
)
#: Every `<` that begins no silent tag, with what follows, up to the next `>`.
_TAGS = re.compile(rf"<(?!{_SILENT})([^>]*+>?+)")
#: A tag as plain as templates write it: lower case, attributes in double quotes, no `<` or `>` in them.
_ATTRIBUTE = r'\s++[a-zA-Z][a-zA-Z:-]*+(?:="[^"<>]*+")?+'
_PLAIN_TAG = re.compile(r"/?+[a-z][a-z0-9-]*+(?:" + _ATTRIBUTE + r")*+\s*+/?+>", re.ASCII)
#: Elements whose content a parser reads as text.
_RAW_TEXT = re.compile(r"(script|style|title|textarea|iframe|xmp|noembed|noframes|plaintext)\b", re.ASCII)
_LOADING_TAG = re.compile(
    r"(script|img|iframe|frame|audio|video|source|track|embed|input|link|form|button|object|base|image|use|meta"
    r"|a(?=\s[^>]*\sping\b|\sping\b))((?:\s[^>]*+)?)>",
    re.ASCII,
)
#: Script or style in the page itself, inside tags only: a text may speak of such things.
_INLINE = re.compile(
    r"(<script(?![^>]*\ssrc=)[^>]*>|<style\b)"
    r"|<[^<>]*\s((?:style|on[a-z]+)=[\"']|(?:href|src|action|formaction)=[\"']?\s*javascript:)",
    re.IGNORECASE,
)
_ONE_ATTRIBUTE = re.compile(r'\s([a-zA-Z][a-zA-Z:-]*+)(?:="([^"]*+)")?', re.ASCII)
_ENTITY = re.compile(r"&(?!(?:amp|lt|gt|quot|#3[49]);)")


def slow_loads(html: str) -> Loads:
    """`loads` through Python's HTML parser, whatever the page."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return Loads(tuple(reader.items))


class _Tag(Struct, frozen=True):
    """A plain tag. raw: the element, if its content is read as text. loads: what it loads. inline: whether it
    holds script or style."""

    raw: str
    loads: tuple[tuple[str, str, str], ...]
    inline: bool


@lru_cache(8192)  # most tags of a page are those of the page before
def _plain_tag(tag: str) -> _Tag | Literal[False] | None:
    """What a tag (`a href="/x">`) says; False where it says nothing, None where it is not plain."""
    if not _PLAIN_TAG.fullmatch(tag):
        return None
    found: tuple[tuple[str, str, str], ...] = ()
    loading = _LOADING_TAG.match(tag)
    if loading:
        if _ENTITY.search(loading.group(2)):
            return None
        attributes = [
            (name.lower(), unescape(value)) for name, value in _ONE_ATTRIBUTE.findall(loading.group(2))
        ]
        found = tuple(_loads_of(loading.group(1), attributes))
    raw = _RAW_TEXT.match(tag)
    inline = _INLINE.match(f"<{tag}") is not None
    return _Tag(raw.group(1) if raw else "", found, inline) if raw or found or inline else False


def _plain_page(html: str) -> tuple[Loads, bool] | None:
    """(what a page loads, whether it holds inline script or style) of a page that is written plainly, else
    None: where every `<` begins a plain tag, and no text element holds one that says something, the tags are
    found by a pattern."""
    tags = _TAGS.findall(html.removeprefix("<!doctype html>"))
    telling: dict[str, _Tag] = {}
    for tag in set(tags):
        found = _plain_tag(tag)
        if found is None:
            return None
        if found:
            telling[tag] = found
    items: list[tuple[str, str, str]] = []
    inline = False
    for number in [number for number, tag in enumerate(tags) if tag in telling]:
        one = telling[tags[number]]
        if one.raw:
            following = tags[number + 1] if number + 1 < len(tags) else ""
            if not re.match(rf"/{one.raw}\b", following, re.ASCII):
                return None
        items += one.loads
        inline = inline or one.inline
    return Loads(tuple(items)), inline


def quick_loads(html: str) -> Loads | None:
    """`loads` of a page that is written plainly, else None."""
    found = _plain_page(html)
    return found[0] if found else None


def loads(html: str) -> Loads:
    """Everything a page's HTML can make a browser fetch (the content of `<template>` included)."""
    return reading(html)[0]


def reading(html: str) -> tuple[Loads, re.Match[str] | None]:
    """(what a page loads, the first script or style that it holds itself)."""
    found = _plain_page(html)
    if found is None:
        return slow_loads(html), _INLINE.search(html)
    return found[0], _INLINE.search(html) if found[1] else None


#: Sent with every file.
COMMON: tuple[Header, ...] = (
    ("Strict-Transport-Security", "max-age=63072000; includeSubDomains; preload"),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "strict-origin-when-cross-origin"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
)

#: Features no page of ours uses; a page with a frame delegates those its service declares.
_DENIED = ("camera", "microphone", "display-capture", "geolocation", "payment", "usb")
_NONE = "'none'"
_SELF = "'self'"


@lru_cache(256)  # few pages differ in what they load
def page_headers(
    found: Loads,
    analytics: Service | None = None,
    isolation: Isolation = "frame",
    embed: Service | None = None,
) -> tuple[Header, ...]:
    """All headers of a content page.

    found: what it loads. analytics: the service that its script may start after a grant, and where.
    embed: the service whose frame the page holds.
    """
    return (
        ("Content-Security-Policy", _csp(found, analytics, isolation)),
        ("Permissions-Policy", _permissions(embed)),
        *COMMON,
    )


def analytics_headers(found: Loads, service: Service) -> tuple[Header, ...]:
    """Headers of the hidden frame that may call Google: only our own pages may hold it.

    Google's script is not written for Trusted Types, so this page alone does not require them.
    """
    origins = dict(service.origins)
    hashes = [f"'{integrity}'" for kind, _, integrity in found.items if kind == "script" and integrity]
    rows = [f"default-src {_NONE}", f"script-src {' '.join((*hashes, *origins.get('script', ())))}"]
    for kind in ("connect", "img", "frame"):
        if origins.get(kind):
            rows.append(f"{kind}-src {' '.join(origins[kind])}")
    rows += [f"form-action {_NONE}", f"base-uri {_NONE}", f"frame-ancestors {_SELF}"]
    return (("Content-Security-Policy", "; ".join(rows)), ("Permissions-Policy", _permissions(None)), *COMMON)


#: Hosts of `core.model.HOSTS` that send no headers of a page's own: what stands before a bucket may.
HEADERLESS = frozenset({"s3"})

#: Directives that a `<meta>` may not have (Content Security Policy Level 3, 3.3).
_ONLY_AS_HEADER = ("frame-ancestors", "report-uri", "sandbox")

_META_PLACE = re.compile(r"<head\b[^>]*>\s*(?:<meta charset=[^>]*>)?", re.IGNORECASE)
_META_START = '<meta http-equiv="Content-Security-Policy" content="'
_META_POLICY = re.compile(rb"\n" + _META_START.encode() + rb"[^>]*>")


def with_meta_policy(html: str, headers: Sequence[Header], hosts: Sequence[str]) -> str:
    """The page, with its Content-Security-Policy as `<meta>` where no host is configured or one sends no
    headers of a page's own: before all that the page loads, after the character set."""
    policy = dict(headers).get("Content-Security-Policy")
    if policy is None or (hosts and not HEADERLESS.intersection(hosts)):
        return html
    place = _META_PLACE.search(html)
    if place is None:
        return html
    kept = "; ".join(part for part in policy.split("; ") if not part.startswith(_ONLY_AS_HEADER))
    return f'{html[: place.end()]}\n{_META_START}{kept}">{html[place.end() :]}'


def without_meta_policy(body: bytes) -> bytes:
    """A page without what `with_meta_policy` puts into it."""
    return _META_POLICY.sub(b"", body)


def _csp(found: Loads, analytics: Service | None, isolation: Isolation) -> str:
    """Nothing, plus what the page loads. Scripts by hash; style sheets by origin, because a hash of an
    external style sheet is not matched by browsers (measured in Chromium).

    Where analytics runs in the page itself, Google's origins are allowed, and Trusted Types cannot be
    required: Google's script is not written for them.
    """
    within = dict(analytics.origins) if analytics is not None and isolation == "page" else {}
    framed = ("/",) if analytics is not None and isolation == "frame" else ()
    hashes = [f"'{integrity}'" for kind, _, integrity in found.items if kind == "script" and integrity]
    scripts = dict.fromkeys((*hashes, *within.get("script", ())))
    rows = [f"default-src {_NONE}", f"script-src {' '.join(scripts) or _NONE}"]
    for kind, directive in (("style", "style-src"), ("img", "img-src"), ("connect", "connect-src")):
        # Tools that read robots.txt through the page, as Lighthouse does, go by its connect-src.
        own = ("/",) if kind == "connect" else ()
        sources = dict.fromkeys((*_sources((*own, *found.of(kind))), *within.get(kind, ())))
        if sources:
            rows.append(f"{directive} {' '.join(sources)}")
    frames = dict.fromkeys((*_sources((*framed, *found.of("frame"))), *within.get("frame", ())))
    rows.append(f"frame-src {' '.join(frames) or _NONE}")
    rows.append(f"form-action {' '.join(_sources(found.of('form'))) or _NONE}")
    rows += [f"base-uri {_NONE}", f"frame-ancestors {_NONE}"]
    if not within:
        rows.append("require-trusted-types-for 'script'")
    return "; ".join(rows)


def _sources(addresses: Iterable[str]) -> list[str]:
    rows: dict[str, None] = {}
    for address in addresses:
        scheme = urls.scheme(address)
        if scheme in ("http", "https"):
            rows[urls.origin(address)] = None
        else:
            rows[f"{scheme}:" if scheme else _SELF] = None
    return list(rows)


def _permissions(embed: Service | None) -> str:
    """The declared features delegated to the frame's origin, everything else denied (quotes and `self` are
    needed: without them the camera is refused)."""
    features = dict.fromkeys(_DENIED, "()")
    if embed is not None and embed.frame is not None:
        origin = urls.origin(embed.frame.url)
        for feature in embed.frame.features:
            features[feature] = f'(self "{origin}")'
    return ", ".join(f"{name}={value}" for name, value in features.items())


def origin_problems(
    found: Loads, key: str, template: str, config: Config, base_url: str, embed: Service | None
) -> Iterator[Diagnostic]:
    """P005: everything a page can load comes from this site, or from the origins of the frame it embeds.

    A form may post to the configured endpoint. found: what it loads; key: of its document, for the
    message, which is the same in every language.
    """
    own = urls.origin(base_url)
    declared = {"frame": dict(embed.origins).get("frame", ())} if embed else {}
    endpoint = urls.origin(config.form_endpoint) if config.form_endpoint else None
    for kind, address, _ in found.items:
        scheme = urls.scheme(address)
        if address.startswith("//"):
            origin = "https:" + "/".join(address.split("/")[:3])
        elif scheme in ("http", "https"):
            origin = urls.origin(address)
        elif not scheme or (kind == "form" and scheme == "mailto"):
            continue
        else:
            origin = f"{scheme}:"
        if origin == own or origin in declared.get(kind, ()) or (kind == "form" and origin == endpoint):
            continue
        yield problem(
            "P005",
            Place(f"templates/{template}"),
            f"“{key}” can load {address} ({kind}), which no service declares for this page",
            "remove it, or declare the origin in config.yaml, below services",
        )

"""Vercel: `vercel.json`, to be deployed from the output folder itself.

Limits (the schema of vercel.json, @vercel/routing-utils): 1,024 headers entries and 1,024 redirects, 4,096
characters in a source, a value or a condition. Rules apply in order and a later value replaces an earlier
one. Only the top 404.html is known. Conditions cannot ignore case, so patterns name both; among languages
whose weights share their first digit the site's order counts."""

from __future__ import annotations

import json
from collections.abc import Iterator

from policysite.core.diagnostics import Diagnostic, Place, problem
from policysite.core.model import CONFIG, Header, OutputFile
from policysite.core.negotiation import either_case, wishes_of
from policysite.render.headers import COMMON
from policysite.render.hosts.model import (
    ANY,
    ASSETS,
    IMMUTABLE,
    LANGUAGE_COOKIE,
    REVALIDATE,
    HostSite,
    Rule,
    Written,
    rules,
)

MAX_RULES = 1024
MAX_TEXT = 4096


def vercel(site: HostSite) -> Written:
    """`vercel.json`."""
    headers = [
        _entry(_source(rule), rule.own if rule.pattern else (*COMMON, REVALIDATE, *rule.own))
        for rule in rules(site)
    ]
    headers += [_entry("/", (("Vary", site.vary),)), _entry(f"/{ASSETS}(.*)", (IMMUTABLE,))]
    redirects = list(_redirects(site))
    value = {
        "$schema": "https://openapi.vercel.sh/vercel.json",
        "cleanUrls": False,
        "trailingSlash": True,
        "headers": headers,
        "redirects": redirects,
    }
    file = OutputFile("vercel.json", (json.dumps(value, indent=2) + "\n").encode())
    return (file,), tuple(_problems(headers, redirects))


def _entry(source: str, headers: tuple[Header, ...]) -> dict[str, object]:
    return {"source": source, "headers": [{"key": name, "value": value} for name, value in headers]}


def _source(rule: Rule) -> str:
    """path-to-regexp; its special characters cannot stand in a slug, but dots can (`404.html`)."""
    if not rule.pattern:
        return "/(.*)"
    parts = (f":p{index}" if part == ANY else part for index, part in enumerate(rule.pattern))
    return "/" + "/".join(parts)


def _redirects(site: HostSite) -> Iterator[dict[str, object]]:
    if len(site.homes) < 2:
        return
    for tag, home in site.homes if site.remembers else ():
        yield _redirect(home, {"type": "cookie", "key": LANGUAGE_COOKIE, "value": tag})
    homes = dict(site.homes)
    for pattern, tag in wishes_of(site.tags):
        value = f"(?:.*,)?{either_case(pattern)}(?:,.*)?"
        yield _redirect(homes[tag], {"type": "header", "key": "accept-language", "value": value})


def _redirect(home: str, condition: dict[str, str]) -> dict[str, object]:
    return {"source": "/", "has": [condition], "destination": home, "statusCode": 302}


def _problems(headers: list[dict[str, object]], redirects: list[dict[str, object]]) -> Iterator[Diagnostic]:
    place = Place(CONFIG)
    for name, entries in (("headers", headers), ("redirects", redirects)):
        if len(entries) > MAX_RULES:
            yield problem(
                "H001",
                place,
                f"Vercel reads {MAX_RULES} {name}, this site needs {len(entries)}",
                "let pages of one kind load the same scripts, or take vercel off hosts",
            )
        longest = max((text for entry in entries for text in _texts(entry)), key=len, default="")
        if len(longest) > MAX_TEXT:
            yield problem(
                "H001",
                place,
                f"Vercel reads {MAX_TEXT} characters, {name} have {len(longest)}: {longest[:50]}…",
                "declare fewer origins for one page, or take vercel off hosts",
            )


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from _texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)

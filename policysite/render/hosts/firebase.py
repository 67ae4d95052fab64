"""Firebase Hosting: `firebase.json`, to be deployed from the output folder itself (`"public": "."`).

Rules match the address that was asked for; where two set one header, the later wins
(firebase.google.com/docs/ hosting/full-config). Only the top 404.html is known. `regex` is RE2. Firebase's
`i18n` serves a translation *at* `/` instead of going to its address, so it is not used: `/` is the list of
languages, which chooser.js improves."""

from __future__ import annotations

import json
import re

from policysite.core.model import Header, OutputFile
from policysite.render.headers import COMMON
from policysite.render.hosts.model import (
    ANY,
    ASSETS,
    IMMUTABLE,
    PRIVATE,
    REVALIDATE,
    HostSite,
    Rule,
    Written,
    rules,
)


def firebase(site: HostSite) -> Written:
    """`firebase.json`."""
    entries = [
        _entry(_regex(rule), rule.own if rule.pattern else (*COMMON, REVALIDATE, *rule.own))
        for rule in rules(site)
    ]
    entries.append(_entry(f"^/{ASSETS}", (IMMUTABLE,)))
    hosting = {
        "public": ".",
        "ignore": [
            "firebase.json",
            f"{PRIVATE}/**",
            "**/*.br",
            "**/*.gz",
            "_headers",
            "_redirects",
            "vercel.json",
        ],
        "trailingSlash": True,
        "headers": entries,
    }
    return (OutputFile("firebase.json", (json.dumps({"hosting": hosting}, indent=2) + "\n").encode()),), ()


def _entry(regex: str, headers: tuple[Header, ...]) -> dict[str, object]:
    return {"regex": regex, "headers": [{"key": name, "value": value} for name, value in headers]}


def _regex(rule: Rule) -> str:
    if not rule.pattern:
        return "^/"
    return "^/" + "/".join("[^/]+" if part == ANY else re.escape(part) for part in rule.pattern) + "$"

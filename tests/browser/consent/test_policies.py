"""The Content-Security-Policy of every page, read by Google's csp_evaluator."""

from __future__ import annotations

import json
from pathlib import Path

from tests.helpers import cdn
from tests.helpers.node import run_node

NAME = "Content-Security-Policy"

#: The hidden frame allows Google's script by its origin. The evaluator would rather see 'strict-dynamic',
#: which lets that script load others from anywhere; to a visitor the origin is the better promise.
KNOWN = {"/analytics/": ["50 script-src https://www.googletagmanager.com: No bypass found"]}


def evaluated(policies: list[str]) -> list[list[str]]:
    found: list[list[str]] = run_node(
        "csp.mjs", standard_input=json.dumps(policies), needs="csp_evaluator/dist/evaluator.js"
    )
    return found


def test_the_evaluator_finds_nothing_on_any_page(built_site: Path) -> None:
    rules = cdn.read_header_rules((built_site / "_headers").read_text(encoding="utf-8"))
    pages = [path.relative_to(built_site).as_posix() for path in sorted(built_site.rglob("*.html"))]
    paths = [f"/{page.removesuffix('index.html')}" for page in pages]
    policies = [cdn.headers_for(path, rules)[NAME] for path in paths]
    findings = dict(zip(paths, evaluated(policies), strict=True))
    assert len(findings) > 40
    shortened = {
        path: [text.partition(";")[0] for text in found] for path, found in findings.items() if found
    }
    assert shortened == KNOWN


def test_the_evaluator_is_awake() -> None:
    [found] = evaluated(["script-src 'unsafe-inline' https:"])
    assert len(found) >= 3

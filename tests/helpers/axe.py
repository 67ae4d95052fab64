"""axe-core, run inside a page of a test."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from playwright.sync_api import Page

from tests.helpers.machine import find_node_file

TAGS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")

_RUN = """([tags, rules]) => axe.run(document, {
    runOnly: {type: 'tag', values: tags}, rules, resultTypes: ['violations'], iframes: false,
}).then(({violations}) => violations)"""


@cache
def _source() -> str:
    return find_node_file("axe-core/axe.min.js").read_text(encoding="utf-8")


def run_axe(page: Page, *, tags: Sequence[str] = TAGS, without: Sequence[str] = ()) -> list[dict[str, Any]]:
    """The violations that axe finds in the page as it stands, without the rules named in `without`.

    The source is evaluated by the debugger, which no Content-Security-Policy of the page forbids.
    """
    page.evaluate(_source())
    rules = {rule: {"enabled": False} for rule in without}
    violations: list[dict[str, Any]] = page.evaluate(_RUN, [list(tags), rules])
    return violations


def describe(violations: Sequence[dict[str, Any]]) -> str:
    """One line for each element found, for the message of an assertion."""
    return "\n".join(
        f"{violation['id']}: {violation['help']}: {' '.join(map(str, node['target']))}: {node['html']}"
        for violation in violations
        for node in violation["nodes"]
    )

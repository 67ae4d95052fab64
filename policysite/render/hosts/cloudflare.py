"""Cloudflare Pages: `_headers` in the published folder.

Limits (developers.cloudflare.com/pages/platform/limits and /configuration/headers): 100 rules, 2,000
characters a line, one splat a rule, 20,000 files on the free plan. All rules that match apply; a value set
twice is joined with a comma, so a later rule first detaches (`! Name`) what an earlier one set. Cloudflare
shows the nearest 404.html by itself; it has no condition on languages, so `/` is the list of languages,
which chooser.js improves."""

from __future__ import annotations

from collections.abc import Iterator

from policysite.core.diagnostics import Diagnostic, Place, problem
from policysite.core.model import CONFIG, OutputFile
from policysite.render.headers import COMMON
from policysite.render.hosts.model import ANY, ASSETS, IMMUTABLE, REVALIDATE, HostSite, Rule, Written, rules

MAX_RULES = 100
MAX_LINE = 2000
MAX_FILES = 20_000


def cloudflare(site: HostSite) -> Written:
    """`_headers`, with the rules of pages that look alike made into one."""
    made = rules(site)
    names = tuple(dict.fromkeys(name for rule in made for name, _ in rule.own))
    blocks: list[list[str]] = []
    for rule in made:
        rows = [_path(rule)]
        if rule.pattern:
            rows += [f"  ! {name}" for name in names]
        else:
            rows += [f"  {name}: {value}" for name, value in (*COMMON, REVALIDATE)]
        rows += [f"  {name}: {value}" for name, value in rule.own]
        blocks.append(rows)
    name, value = IMMUTABLE
    blocks.append([f"/{ASSETS}*", f"  ! {name}", f"  {name}: {value}"])
    text = "\n".join(row for rows in blocks for row in rows) + "\n"
    return (OutputFile("_headers", text.encode()),), tuple(_problems(site, blocks))


def _path(rule: Rule) -> str:
    """`/:p0/privacy/`: a placeholder is any text without a slash."""
    if not rule.pattern:
        return "/*"
    return "/" + "/".join(f":p{index}" if part == ANY else part for index, part in enumerate(rule.pattern))


def _problems(site: HostSite, blocks: list[list[str]]) -> Iterator[Diagnostic]:
    place = Place(CONFIG)
    if len(blocks) > MAX_RULES:
        yield problem(
            "H001",
            place,
            f"Cloudflare Pages reads {MAX_RULES} header rules, this site needs {len(blocks)}",
            "let pages of one kind load the same scripts, or take cloudflare off hosts",
        )
    longest = max((row for rows in blocks for row in rows), key=len)
    if len(longest) > MAX_LINE:
        yield problem(
            "H001",
            place,
            f"Cloudflare Pages reads lines of {MAX_LINE} characters, one has {len(longest)}: {longest[:50]}…",
            "declare fewer origins for one page, or take cloudflare off hosts",
        )
    count = len(site.pages) + len(site.files)
    if count > MAX_FILES:
        yield problem(
            "H002",
            place,
            f"the free plan of Cloudflare Pages takes {MAX_FILES} files, this site has {count}",
            "set precompress: false (Cloudflare compresses by itself), or use a paid plan",
        )

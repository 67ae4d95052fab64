"""Netlify: `_headers` and `_redirects` in the published folder.

Netlify joins the values of every rule that matches with commas (docs.netlify.com, “Custom headers”), and a
Content-Security-Policy joined with another is both at once. So no header name stands in two rules that match
one address: those of all files in `/*`, a page's own at each of its addresses. Netlify names no limit of
rules.

A path without a file shows the 404 page of its language (`404` rewrites); it has the headers of all files,
since rules match the address that was asked for. Languages: `Language=` conditions, sorted by Netlify; the
visitor's choice is Netlify's own cookie `nf_lang`, which no page of ours sets."""

from __future__ import annotations

from collections.abc import Iterable

from policysite.core.model import Header, OutputFile
from policysite.core.negotiation import ranges
from policysite.core.urls import addresses
from policysite.render.headers import COMMON
from policysite.render.hosts.model import ASSETS, IMMUTABLE, HostSite, Written


def netlify(site: HostSite) -> Written:
    """`_headers`, and `_redirects` where there is something to say."""
    files = [OutputFile("_headers", _headers(site))]
    rows = list(_redirects(site))
    if rows:
        files.append(OutputFile("_redirects", ("\n".join(rows) + "\n").encode()))
    return tuple(files), ()


def _headers(site: HostSite) -> bytes:
    rows: list[str] = []

    def rule(path: str, headers: Iterable[Header]) -> None:
        rows.append(path)
        rows.extend(f"  {name}: {value}" for name, value in headers)

    # Netlify's own Cache-Control for all other files is `public, max-age=0, must-revalidate`: the same as
    # no-cache.
    rule("/*", COMMON)
    rule(f"/{ASSETS}*", (IMMUTABLE,))
    for page in site.pages:
        vary = (("Vary", site.vary),) if page.output == "index.html" else ()
        for path in addresses(page.output):
            rule(path, (*page.own, *vary))
    return ("\n".join(rows) + "\n").encode()


def _redirects(site: HostSite) -> Iterable[str]:
    homes = dict(site.homes)
    if len(homes) > 1:
        served: dict[str | None, list[str]] = {}
        for language_range, tag in ranges(site.tags):
            served.setdefault(tag, []).append(language_range)
        # Netlify may read `zh` as any Chinese: what no language of ours serves goes to the list first.
        if None in served:
            yield f"/  /index.html  200!  Language={','.join(served[None])}"
        # Longer ranges before shorter ones: `zh-tw` before `zh`.
        for tag, found in sorted(served.items(), key=lambda item: -max(map(len, item[1]))):
            if tag is not None:
                yield f"/  {homes[tag]}  302!  Language={','.join(found)}"
    for prefix, output in site.not_found:
        if prefix != "/":
            yield f"{prefix}*  /{output}  404"

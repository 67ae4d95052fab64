"""Files of the whole site: sitemap, robots, the `/` chooser, the analytics frame, the 404 of the root."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterator, Sequence
from html import escape

from markupsafe import Markup
from msgspec.structs import replace

from policysite.core import urls
from policysite.core.diagnostics import Diagnostic
from policysite.core.model import ConsentProof, Header, Outline, OutputFile, Rendered, SiteFile
from policysite.render import consent, schemas, views
from policysite.render.headers import analytics_headers, loads, page_headers, with_meta_policy
from policysite.render.pages import listed, translations
from policysite.render.site import Frame, workshop
from policysite.render.templates import Failed, render
from policysite.render.wellknown import well_known

#: A page of the whole site, with its headers.
Made = tuple[OutputFile, tuple[Header, ...]]

CHOOSER = "chooser.html"
FORGET = "forget.html"
BANNER = "banner.html"
ANALYTICS = "analytics.html"
POLICIES_SCHEMA = "policies.schema.json"


def sitemap(base_url: str, source: str, plans: Sequence[Outline], templates: Collection[str]) -> OutputFile:
    """`sitemap.xml` (sitemaps.org 0.9 with xhtml alternates): every indexable page with its translations."""
    rows = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:xhtml="http://www.w3.org/1999/xhtml">',
    ]
    for plan in plans:
        for pages in listed(plan, templates):
            links = translations(base_url, source, plan.layout, pages)
            for page in pages:
                rows.append(f"<url><loc>{escape(urls.absolute(base_url, page.url))}</loc>")
                if page.version is not None:
                    rows.append(f"<lastmod>{page.version.date.isoformat()}</lastmod>")
                rows += [
                    f'<xhtml:link rel="alternate" hreflang="{escape(link.hreflang)}"'
                    f' href="{escape(link.href)}"/>'
                    for link in links
                ]
                rows.append("</url>")
    rows.append("</urlset>")
    return OutputFile("sitemap.xml", ("\n".join(rows) + "\n").encode())


def robots(base_url: str) -> OutputFile:
    """`robots.txt`: everything may be read; pages that should not be listed say `noindex` themselves."""
    return OutputFile("robots.txt", f"User-agent: *\nAllow: /\n\nSitemap: {base_url}/sitemap.xml\n".encode())


def render_whole_site(frame: Frame, plans: Sequence[Outline]) -> Rendered:
    """Sitemap, robots, chooser, analytics frame and root 404."""
    files = [
        sitemap(frame.base_url, frame.config.source, plans, workshop(frame).env.list_templates()),
        robots(frame.base_url),
        _inventory(frame),
        *well_known(frame.config, frame.base_url, plans),
        *_policies(frame, plans),
    ]
    problems: list[Diagnostic] = []
    headers: list[tuple[str, tuple[Header, ...]]] = []
    for maker in (_chooser, _analytics, _forget):
        try:
            made = maker(frame)
        except Failed as failure:
            problems.append(failure.diagnostic)
            continue
        if made is not None:
            file, its_headers = made
            files.append(file)
            headers.append((file.path, its_headers))
    try:
        consent_proof(frame)  # a banner that cannot be recorded may not go live
    except Failed as failure:
        problems.append(failure.diagnostic)
    return Rendered(tuple(files), tuple(problems), tuple(headers))


def _chooser(frame: Frame) -> Made:
    """`/`: every language by its own name. Works without script; hosts that negotiate never serve it."""
    shop = workshop(frame)
    room = shop.room(frame.config.source)
    entries = []
    alternates = []
    for language in frame.config.languages:
        if language.published:
            href = shop.room(language.tag).home.href
            entries.append(views.SwitcherEntry(language.tag, language.name, language.direction, href, False))
            alternates.append(views.Alternate(language.tag, urls.absolute(frame.base_url, href)))
    alternates.append(views.Alternate("x-default", urls.absolute(frame.base_url, "/")))
    scope = {
        **room.common,
        "languages": tuple(sorted(entries, key=lambda entry: entry.name.casefold())),
        "alternates": tuple(alternates),
        "canonical": urls.absolute(frame.base_url, "/"),
    }
    html = render(shop.env, CHOOSER, scope) + "\n"
    return _page(frame, "index.html", html, page_headers(loads(html)))


def _page(frame: Frame, path: str, html: str, headers: tuple[Header, ...]) -> Made:
    return OutputFile(path, with_meta_policy(html, headers, frame.config.hosts).encode()), headers


def _analytics(frame: Frame) -> Made | None:
    """The frame that holds Google's script after a grant; no page holds it otherwise."""
    service = consent.analytics_service(frame.config)
    if service is None or frame.config.analytics_isolation == "page":
        return None
    shop = workshop(frame)
    scope = {**shop.room(frame.config.source).common, "analytics": consent.analytics(frame.config)}
    path = urls.output_path(consent.ANALYTICS_PATH)
    html = render(shop.env, ANALYTICS, scope) + "\n"
    return _page(frame, path, html, analytics_headers(loads(html), service))


def _forget(frame: Frame) -> Made | None:
    """`/forget/`: deletes what the site stored, by a header, so that it works without script.

    None when the site has no such template.
    """
    shop = workshop(frame)
    if FORGET not in shop.env.list_templates():
        return None
    rooms = [shop.room(language.tag) for language in frame.config.languages if language.published]
    scope = {
        **shop.room(frame.config.source).common,
        "entries": [(room.common["lang"], room.home) for room in rooms],
        "gettext_in": lambda tag, message: shop.room(tag).gettext.gettext(message),
    }
    html = render(shop.env, FORGET, scope) + "\n"
    clear = ("Clear-Site-Data", '"cookies", "storage"')
    return _page(frame, "forget/index.html", html, (*page_headers(loads(html)), clear))


def _inventory(frame: Frame) -> OutputFile:
    """`cookies.json`: what is stored, by whom and for how long, for the apps and for auditors."""
    config = frame.config
    rooms = [workshop(frame).room(language.tag) for language in config.languages if language.published]
    rows = [
        {
            "name": cookie.name,
            "kind": cookie.kind,
            "category": service.category,
            "service": service.name,
            "recipient": cookie.recipient,
            "seconds": cookie.duration.seconds,
            "purpose": {room.language.tag: str(room.gettext.gettext(cookie.purpose)) for room in rooms},
        }
        for service in config.active_services
        for cookie in service.cookies
    ]
    return _json("cookies.json", {"consent_version": consent.version(config), "cookies": rows})


def _policies(frame: Frame, plans: Sequence[Outline]) -> Iterator[OutputFile]:
    """`policies.json`: every version of every policy, for the apps and for auditors, and its JSON Schema."""
    policies = [
        {
            "key": plan.key,
            "versions": [
                {
                    "version": record.id.name,
                    "state": record.state,
                    "effective": record.id.date.isoformat(),
                    "until": record.until.date.isoformat() if record.until else None,
                    "announced": record.announced.isoformat() if record.announced else None,
                    "material": record.material and record.since is not None,
                    "languages": [
                        {
                            "language": page.tag,
                            "url": urls.absolute(frame.base_url, page.url),
                            "title": page.title,
                            "digest": f"sha256:{page.digest}",
                        }
                        for page in plan.extras
                        if page.role == "version" and page.version == record.id
                    ],
                }
                for record in plan.versions
            ],
        }
        for plan in plans
        if plan.versions
    ]
    if policies:
        schema = urls.absolute(frame.base_url, f"/{POLICIES_SCHEMA}")
        yield _json("policies.json", {"$schema": schema, "format": 1, "policies": policies})
        yield _json(POLICIES_SCHEMA, {"$id": schema, **schemas.POLICIES})


def _json(path: str, value: object) -> OutputFile:
    return OutputFile(path, (json.dumps(value, ensure_ascii=False, indent=2) + "\n").encode())


def consent_proof(frame: Frame) -> ConsentProof | None:
    """What this build's banner (`templates/banner.html`) says in every language.

    None when nothing is asked or the site has no such template. Raises `Failed`.
    """
    shop = workshop(frame)
    banners: list[tuple[str, str, str]] = []
    if BANNER not in shop.env.list_templates():
        return None
    for language in frame.config.languages:
        room = shop.room(language.tag)
        if language.published and room.consent is not None:
            text = Markup(render(shop.env, BANNER, room.common)).striptags()
            banners.append((language.tag, hashlib.sha256(text.encode()).hexdigest(), text))
    return ConsentProof(consent.version(frame.config), tuple(banners)) if banners else None


def root_not_found(file: SiteFile) -> SiteFile:
    """The source language's not-found page (or its `.br`, `.gz`) for hosts that know only one."""
    return replace(file, path=file.path.rpartition("/")[2])

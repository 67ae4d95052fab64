"""A planned document without its texts: what menus, sitemap, policies.json and the hosts' files need of it.

So a build that finds a document unchanged needs this much of it, and none of its texts.
"""

from __future__ import annotations

import hashlib

from msgspec.structs import replace

from policysite.core.model import DocumentPlan, LanguageText, Outline, PageOutline, PagePlan


def outline(plan: DocumentPlan) -> Outline:
    """The outline of a plan."""
    document = plan.source.parsed.document
    return Outline(
        key=plan.key,
        path=document.path,
        layout=plan.layout,
        slug=document.slug,
        embed=document.embed,
        noindex=plan.noindex,
        pages=tuple(_page(page) for page in plan.pages),
        extras=tuple(_page(page) for page in plan.extras),
        versions=tuple(replace(record, texts=()) for record in plan.versions),
    )


def _page(page: PagePlan) -> PageOutline:
    title = page.text.text("title") or ""
    return PageOutline(
        tag=page.tag,
        url=page.url,
        output=page.output,
        role=page.role,
        version=page.version,
        title=title,
        nav_title=page.text.text("nav_title") or title,
        digest=text_digest(page.text) if page.role == "version" else "",
    )


def text_digest(text: LanguageText) -> str:
    """SHA-256 of a version's texts in one language, front matter first, joined by line feeds: the same for as
    long as no word, link or emphasis changes."""
    texts = [value for value in (*text.fields, *text.slots) if value is not None]
    return hashlib.sha256("\n".join(texts).encode()).hexdigest()

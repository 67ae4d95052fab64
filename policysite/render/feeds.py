"""Atom feed of a policy's versions in one language (RFC 4287): `/en/privacy/feed.xml`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from html import escape

from msgspec import Struct

from policysite.core import urls
from policysite.core.model import OutputFile


class Entry(Struct, frozen=True):
    """A version: its name, absolute address, title, the day it was made public, what it changed (plain)."""

    version: str
    url: str
    title: str
    day: date
    changes: tuple[str, ...]


def path(main: str) -> str:
    """The site path of a policy's feed."""
    return f"{main}feed.xml"


def atom(base_url: str, main: str, tag: str, title: str, author: str, entries: Sequence[Entry]) -> OutputFile:
    """The feed of a policy at site path `main`, newest version first.

    Ids are the addresses of the pages, which never change. A version is dated by the day it was made public,
    so that the same versions give the same feed on every day.
    """
    address = urls.absolute(base_url, main)
    feed = urls.absolute(base_url, path(main))
    updated = max(entry.day for entry in entries)
    rows = [
        '<?xml version="1.0" encoding="utf-8"?>',
        f'<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="{escape(tag)}">',
        f"<id>{escape(address)}</id>",
        f"<title>{escape(title)}</title>",
        f"<updated>{_stamp(updated)}</updated>",
        f"<author><name>{escape(author)}</name></author>",
        f'<link rel="self" type="application/atom+xml" href="{escape(feed)}"/>',
        f'<link rel="alternate" type="text/html" hreflang="{escape(tag)}" href="{escape(address)}"/>',
    ]
    for entry in entries:
        summary = " ".join(entry.changes) or entry.title
        rows += [
            "<entry>",
            f"<id>{escape(entry.url)}</id>",
            f"<title>{escape(entry.title)}</title>",
            f"<updated>{_stamp(entry.day)}</updated>",
            f'<link rel="alternate" type="text/html" href="{escape(entry.url)}"/>',
            f"<summary>{escape(summary)}</summary>",
            "</entry>",
        ]
    rows.append("</feed>")
    return OutputFile(path(main).lstrip("/"), ("\n".join(rows) + "\n").encode())


def _stamp(day: date) -> str:
    return f"{day.isoformat()}T00:00:00Z"

"""Interface texts that the code itself says: messages of the `site` catalog, like those of templates."""

from __future__ import annotations

#: Accessible name of the link beside a heading.
LINK_TO_SECTION = "Link to this section: %(title)s"

#: Lifetime of a cookie that ends with the browser session.
SESSION = "Until you close the browser"

#: (text, note to translators)
STRINGS: tuple[tuple[str, str], ...] = (
    (LINK_TO_SECTION, "name of the link beside a heading, for screen readers"),
    (SESSION, "lifetime of a session cookie, in the cookie table"),
)

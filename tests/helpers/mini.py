"""A small project in memory: three languages, pages, a policy with two versions, templates of a few lines."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from policysite.core.strings import STRINGS

CONFIG = """\
site:
  name: Acme
  base_url: https://acme.test
  tagline: Plain words for grown-ups
source_language: en
languages:
  en:
  bn:
    status: reviewed
  ar:
    english_prevails: true
facts:
  contact_email: help@acme.test
  minimum_age: 18
  consent_months: 6
  cookie_max_years: 1
  started: 2024-05
services:
  acme:
    kind: first-party
    name: Acme
    category: essential
    provider: Acme
    purpose: Keeps your choice.
    cookies:
      - name: consent
        kind: local-storage
        purpose: Remembers your choice.
        duration: 6 months
  counter:
    kind: google-analytics
    name: Counter
    category: analytics
    provider: Google
    purpose: Counts visits.
    measurement_id: G-TEST000
    origins:
      script: [https://www.googletagmanager.com]
      connect: [https://www.google-analytics.com]
    cookies:
      - name: _ga
        purpose: Tells browsers apart.
        duration: 1 year
navigation:
  header: [home, privacy]
  footer: [privacy, contact]
protected_terms: [Acme]
theme: none
"""

HOME = """\
---
title: "Welcome to Acme"
nav_title: "Home"
description: "What Acme is."
layout: home
---

Acme is for people of {{ minimum_age }} or over. Read the [privacy policy](/privacy/#rights).
"""

CONTACT = """\
---
title: "Contact"
description: "How to reach us."
---

Write to [{{ contact_email }}](mailto:{{ contact_email }}).

## By post {: #post }

We have **no** letter box.
"""

PRIVACY_OLD = """\
---
title: "Privacy policy"
description: "What we keep."
numbered: true
---

We keep nothing.

## Your rights {: #rights }

You may ask.
"""

PRIVACY_NEW = """\
---
title: "Privacy policy"
description: "What we keep."
numbered: true
---

We keep logs.

## Your rights {: #rights }

You may ask.

### When

At once.

{{ cookie_table }}
"""

NOT_FOUND = """\
---
title: "Not found"
description: "There is nothing here."
layout: not-found
noindex: true
---

Go [home](/).
"""

BASE = """\
<!doctype html>
<html lang="{{ lang.tag }}" dir="{{ lang.dir }}">
<head><title>{{ page.title if page else site.name }}</title></head>
<body>
<nav aria-label="{{ _('Menu') }}">
{% for item in header or () %}
<a href="{{ item.href }}"{% if item.hreflang %} hreflang="{{ item.hreflang }}"{% endif %}>{{ item.label }}</a>
{% endfor %}
</nav>
{% block main %}{% endblock %}
<p>{{ _("From %(age)s years", age=minimum_age) }}</p>
</body>
</html>
"""

PAGE = """\
{% extends "base.html" %}
{% block main %}
<h1>{{ page.title_html }}</h1>
{% for notice in page.notices %}<p class="{{ notice.kind }}">{{ notice.english.href }}</p>
{% endfor %}
{{ page.body }}
{% endblock %}
"""

CHOOSER = """\
<!doctype html><title>{{ site.name }}</title>
{% for one in languages %}<a href="{{ one.href }}">{{ one.name }}</a>{% endfor %}
"""

COOKIE_TABLE = "<ul>{% for one in categories %}<li>{{ one.id }}</li>{% endfor %}</ul>"

MESSAGES = {
    "bn": {
        "site": {
            "Menu": "মেনু",
            "From %(age)s years": "%(age)s বছর থেকে",
            "Plain words for grown-ups": "বড়দের জন্য সহজ কথা",
            "Link to this section: %(title)s": "এই অংশের লিংক: %(title)s",
            "Until you close the browser": "ব্রাউজার বন্ধ করা পর্যন্ত",
            "Keeps your choice.": "আপনার পছন্দ রাখে।",
            "Remembers your choice.": "আপনার পছন্দ মনে রাখে।",
            "Counts visits.": "ভিজিট গোনে।",
            "Tells browsers apart.": "ব্রাউজার আলাদা করে।",
        },
        "home": {
            "Welcome to Acme": "Acme-এ স্বাগতম",
            "Home": "হোম",
            "What Acme is.": "Acme কী।",
            "Acme is for people of {{ minimum_age }} or over. Read the [privacy policy](/privacy/#rights).": (
                "Acme {{ minimum_age }} বা তার বেশি বয়সীদের জন্য। [গোপনীয়তা নীতি](/privacy/#rights) পড়ুন।"
            ),
        },
        "privacy": {
            "Privacy policy": "গোপনীয়তা নীতি",
            "What we keep.": "আমরা কী রাখি।",
            "We keep nothing.": "আমরা কিছুই রাখি না।",
            "Your rights": "আপনার অধিকার",
            "You may ask.": "আপনি জিজ্ঞাসা করতে পারেন।",
        },
    },
    "ar": {
        "site": {
            "Menu": "القائمة",
            "From %(age)s years": "من %(age)s سنة",
            "Plain words for grown-ups": "كلمات بسيطة للكبار",
            "Link to this section: %(title)s": "رابط هذا القسم: %(title)s",
            "Until you close the browser": "حتى تغلق المتصفح",
            "Keeps your choice.": "يحفظ اختيارك.",
            "Remembers your choice.": "يتذكر اختيارك.",
            "Counts visits.": "يعد الزيارات.",
            "Tells browsers apart.": "يميز المتصفحات.",
        },
        "home": {
            "Welcome to Acme": "مرحبا بكم في Acme",
            "Home": "الرئيسية",
            "What Acme is.": "ما هي Acme.",
        },
    },
}


def po(locale: str, messages: Mapping[str, str]) -> str:
    """The text of a PO file with these messages (no character in them needs an escape)."""
    head = f'msgid ""\nmsgstr ""\n"Language: {locale}\\n"\n"Content-Type: text/plain; charset=UTF-8\\n"\n'
    return head + "".join(f'\nmsgid "{key}"\nmsgstr "{value}"\n' for key, value in messages.items())


def texts() -> dict[str, str]:
    """The project: path → text. The caller may change it."""
    files = {
        "config.yaml": CONFIG,
        "content/home.md": HOME,
        "content/contact.md": CONTACT,
        "content/not-found.md": NOT_FOUND,
        "content/privacy/2024-05.md": PRIVACY_OLD,
        "content/privacy/2025-10-15.md": PRIVACY_NEW,
        "templates/base.html": BASE,
        "templates/chooser.html": CHOOSER,
        "templates/analytics.html": "<!doctype html><title>{{ analytics.measurement_id }}</title>\n",
        "templates/cookie_table.html": COOKIE_TABLE,
        "assets/style.css": "body { background: url(dot.svg) }\n",
        "assets/dot.svg": '<svg xmlns="http://www.w3.org/2000/svg"/>\n',
    }
    for layout in ("home", "page", "policy", "not-found"):
        files[f"templates/{layout}.html"] = PAGE
    for locale, domains in MESSAGES.items():
        for domain, messages in domains.items():
            if domain == "site":  # what the code says, as far as nobody translated it above
                messages = {**{text: text for text, _ in STRINGS}, **messages}
            files[f"translations/{locale}/LC_MESSAGES/{domain}.po"] = po(locale, messages)
    return files


def sources() -> dict[str, bytes]:
    """The project as a build reads it."""
    return {path: text.encode() for path, text in texts().items()}


def write(folder: Path, files: Mapping[str, str] | None = None) -> Path:
    """The project on disk."""
    for path, text in (texts() if files is None else files).items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return folder

"""`config.yaml` → `Config`: the site's one declaration."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any, cast
from urllib.parse import urlsplit

from policysite.core import locales, urls
from policysite.core.diagnostics import CODES, Diagnostic, Level, did_you_mean, problem
from policysite.core.model import (
    Apps,
    Config,
    Cookie,
    Duration,
    DurationUnit,
    Fact,
    Frame,
    Language,
    SecurityContact,
    Service,
    Site,
)
from policysite.load.overrides import Environment, override, unknown_paths, unreleasable
from policysite.load.schema import CONFIG, validate
from policysite.load.yamlnodes import Yaml, parse_yaml

#: What an embedded chat needs and no more: never top navigation (docs/explanation/consent.md).
DEFAULT_SANDBOX = (
    "allow-scripts",
    "allow-same-origin",
    "allow-forms",
    "allow-popups",
    "allow-popups-to-escape-sandbox",
    "allow-storage-access-by-user-activation",
)

_DATE = re.compile(r"(\d{4})-(\d{2})(?:-(\d{2}))?\Z", re.ASCII)
_Raw = Mapping[str, Any]


def load_config(
    path: str,
    text: str,
    pages: frozenset[str] | None = None,
    environment: Environment = (),
    release: bool = False,
) -> tuple[Config | None, tuple[Diagnostic, ...]]:
    """Parse and validate the configuration. Returns (config, problems); no config when there are
    problems other than those of a release.

    pages: names of the pages and policies that exist, for the menus (None: not checked). environment: values
    that override the file's. release: examples and unconfirmed values are problems (C301).
    """
    document, problems = parse_yaml(path, text)
    if document is None:
        return None, problems
    document, problems = override(document, environment)
    if problems:
        return None, problems
    problems = validate(document, CONFIG, "config.yaml")
    if problems:
        return None, problems
    raw = cast("dict[str, Any]", document.value)
    found: list[Diagnostic] = []
    facts = _facts(document, raw["facts"], found)
    services = tuple(
        _service(document, name, value, raw["facts"], found)
        for name, value in raw.get("services", {}).items()
    )
    source = str(raw.get("source_language", "en"))
    languages = _languages(document, raw["languages"], source, found)
    if source not in raw["languages"]:
        found.append(
            problem(
                "C207",
                document.at_key("languages"),
                f"the source language “{source}” is not among the languages",
                f"add “{source}:” below languages, or set source_language",
            )
        )
    elif (raw["languages"][source] or {}).get("published") is False:
        found.append(
            problem(
                "C104",
                document.at("languages", source, "published"),
                f"the source language “{source}” is always published",
                "remove this line",
            )
        )
    unconfirmed = raw.get("unconfirmed", [])
    found += unknown_paths(document, unconfirmed)
    navigation = raw.get("navigation", {})
    if pages is not None:
        _menus(document, navigation, pages, found)
    site = raw["site"]
    forms = raw.get("forms", {})
    derived = (Fact("site_url", site["base_url"]), *_service_facts(services))
    levels = _levels(document, raw.get("check", {}).get("levels", {}), found)
    for fact in derived:
        if fact.name in raw["facts"]:
            place = document.at_key("facts", fact.name)
            hint = "remove it here; it follows from site.base_url and services"
            found.append(problem("C206", place, f"the fact “{fact.name}” is set already", hint))
    security = _security(document, raw, found)
    if found:
        return None, tuple(found)
    config = Config(
        site=Site(site["name"], site["base_url"], site.get("tagline", "")),
        source=source,
        languages=languages,
        facts=(*derived, *facts),
        services=services,
        header=tuple(navigation.get("header", ())),
        footer=tuple(navigation.get("footer", ())),
        form_endpoint=forms.get("endpoint"),
        hosts=tuple(raw.get("hosts", ())),
        protected_terms=tuple(raw.get("protected_terms", ())),
        precompress=raw.get("precompress", True),
        security=security,
        apps=Apps(
            tuple(
                (name, tuple(prints))
                for name, prints in sorted(raw.get("apps", {}).get("android", {}).items())
            ),
            tuple(raw.get("apps", {}).get("ios", ())),
            raw.get("apps", {}).get("pages", True),
        ),
        notice_days=raw.get("policies", {}).get("notice_days", 30),
        analytics_isolation=raw.get("analytics", {}).get("isolation", "frame"),
        levels=tuple(levels.items()),
        theme=raw.get("theme", "policysite"),
    )
    return config, tuple(unreleasable(document, unconfirmed)) if release else ()


def _languages(document: Yaml, raw: _Raw, source: str, found: list[Diagnostic]) -> tuple[Language, ...]:
    languages = []
    for tag, value in raw.items():
        value = value or {}
        place = document.at_key("languages", tag)
        try:
            canonical = locales.canonical_tag(tag)
        except ValueError:
            found.append(
                problem(
                    "C201",
                    place,
                    f"“{tag}” is not a language tag that CLDR knows",
                    "use a BCP 47 tag: en, pt-BR, zh-Hans",
                )
            )
            continue
        if canonical != tag:
            found.append(
                problem(
                    "C201", place, f"“{tag}” is not how BCP 47 writes this language", f"write “{canonical}”"
                )
            )
            continue
        native = {"native": True, "latin": False, None: None}[value.get("digits")]
        languages.append(
            Language(
                tag=tag,
                locale=locales.gettext_name(tag),
                name=locales.own_name(tag),
                english_name=locales.english_name(tag),
                direction=locales.direction(tag),
                script=locales.script(tag),
                digits=locales.digits(tag, native),
                status="source" if tag == source else value.get("status", "unreviewed"),
                english_prevails=value.get("english_prevails", False),
                published=value.get("published", True),
                register=value.get("register", "formal"),
                coverage=value.get("coverage", 0),
            )
        )
    return tuple(languages)


def _security(document: Yaml, raw: _Raw, found: list[Diagnostic]) -> SecurityContact | None:
    """The contact for researchers; C201 for an unknown language, C104 for a day that does not exist."""
    if "security" not in raw:
        return None
    value = raw["security"]
    place = document.at("security", "expires")
    expires = parse_date(value["expires"])
    if expires is None:
        found.append(
            problem("C104", place, f"“{value['expires']}” is no day", "write one such as 2027-03-31")
        )
        return None
    for index, tag in enumerate(value.get("languages", ())):
        try:
            locales.canonical_tag(tag)
        except ValueError:
            hint = "use a BCP 47 tag: en, pt-BR, zh-Hans"
            at = document.at("security", "languages", index)
            found.append(problem("C201", at, f"“{tag}” is not a language tag that CLDR knows", hint))
    return SecurityContact(
        tuple(value["contact"]), expires[0], value.get("policy"), tuple(value.get("languages", ())), place
    )


def _levels(document: Yaml, raw: _Raw, found: list[Diagnostic]) -> dict[str, Level]:
    """The levels of a project. An error stays an error: only a waiver in the catalog excuses one message."""
    for code, level in raw.items():
        if code not in CODES:
            hint = did_you_mean(code, CODES, "codes are listed in docs/reference/diagnostics.md")
            place = document.at_key("check", "levels", code)
            found.append(problem("C208", place, f"there is no code “{code}”", hint))
        elif CODES[code][0] == "error" and level != "error":
            place = document.at("check", "levels", code)
            hint = "remove this line; a single message is excused by a waiver in its catalog"
            found.append(problem("C208", place, f"{code} is an error and cannot be lowered", hint))
    return {code: cast(Level, level) for code, level in raw.items()}


def _menus(document: Yaml, raw: _Raw, pages: frozenset[str], found: list[Diagnostic]) -> None:
    for menu, keys in raw.items():
        for index, key in enumerate(keys):
            if key not in pages:
                hint = did_you_mean(key, pages, f"pages: {', '.join(sorted(pages))}")
                place = document.at("navigation", menu, index)
                found.append(problem("C202", place, f"the {menu} names “{key}”, which is no page", hint))


def parse_date(text: str) -> tuple[date, str] | None:
    """`2025-10` or `2025-10-15` → (date, `month` or `day`); None for anything else."""
    match = _DATE.match(text)
    if not match:
        return None
    year, month, day = match.groups()
    try:
        return date(int(year), int(month), int(day or 1)), "day" if day else "month"
    except ValueError:
        return None


def _facts(document: Yaml, raw: _Raw, found: list[Diagnostic]) -> tuple[Fact, ...]:
    facts = []
    for name, value in raw.items():
        if isinstance(value, str) and re.match(r"\d{4}-\d{2}", value):
            parsed = parse_date(value)
            if parsed is None:
                found.append(
                    problem(
                        "C206",
                        document.at("facts", name),
                        f"“{value}” is not a date",
                        "write 2025-10-15 or 2025-10",
                    )
                )
                continue
            facts.append(Fact(name, parsed[0], "day" if parsed[1] == "day" else "month"))
        else:
            facts.append(Fact(name, value))
    return tuple(facts)


def _service_facts(services: tuple[Service, ...]) -> tuple[Fact, ...]:
    """`<id>_url`, `<id>_privacy_url`, `<id>_terms_url` of every service that declares them."""
    facts = []
    for service in services:
        for suffix, value in (
            ("url", service.url),
            ("privacy_url", service.privacy_url),
            ("terms_url", service.terms_url),
        ):
            if value:
                facts.append(Fact(f"{service.id}_{suffix}", value))
    return tuple(facts)


def parse_duration(text: str) -> Duration:
    """`6 months` → Duration(6, "month"). The schema has checked the form."""
    if text == "session":
        return Duration(0, "session")
    count, unit = text.split()
    return Duration(int(count), cast(DurationUnit, unit.rstrip("s")))


def _service(document: Yaml, name: str, raw: _Raw, facts: _Raw, found: list[Diagnostic]) -> Service:
    at = ("services", name)
    limit = Duration(int(facts.get("cookie_max_years", 1)), "year")
    cookies = []
    for index, item in enumerate(raw.get("cookies", ())):
        duration = parse_duration(item["duration"])
        if duration.days > limit.days:
            found.append(
                problem(
                    "C204",
                    document.at(*at, "cookies", index, "duration"),
                    f"“{item['name']}” lives {item['duration']}, "
                    f"but facts.cookie_max_years promises at most {limit.count}",
                    "shorten it, or change facts.cookie_max_years and the policy",
                )
            )
        cookies.append(
            Cookie(
                item["name"],
                item["purpose"],
                duration,
                item.get("recipient", raw["provider"]),
                item.get("kind", "cookie"),
                document.at(*at, "cookies", index),
            )
        )
    origins = []
    for directive, values in sorted(raw.get("origins", {}).items()):
        for index, value in enumerate(values):
            if not urls.is_origin(value):
                found.append(
                    problem(
                        "C205",
                        document.at(*at, "origins", directive, index),
                        f"“{value}” is not a plain https origin",
                        "write scheme and host only, such as https://www.example.com",
                    )
                )
        origins.append((directive, tuple(values)))
    kind = raw["kind"]
    place = document.at_key(*at)
    _contradictions(document, at, raw, found)
    frame = None
    if kind == "embed" and "embed_url" in raw:
        frame = Frame(
            raw["embed_url"], tuple(raw.get("features", ())), tuple(raw.get("sandbox", DEFAULT_SANDBOX))
        )
        frame_origin = urls.origin(raw["embed_url"])
        if not urlsplit(frame_origin).netloc:
            found.append(problem("C205", document.at(*at, "embed_url"), f"“{raw['embed_url']}” has no host"))
        declared = dict(origins)
        declared["frame"] = tuple(dict.fromkeys((frame_origin, *declared.get("frame", ()))))
        origins = sorted(declared.items())
    return Service(
        id=name,
        name=raw["name"],
        kind=kind,
        category=raw["category"],
        purpose=raw["purpose"],
        provider=raw["provider"],
        url=raw.get("url"),
        privacy_url=raw.get("privacy_url"),
        terms_url=raw.get("terms_url"),
        origins=tuple(origins),
        cookies=tuple(cookies),
        measurement_id=raw.get("measurement_id"),
        frame=frame,
        place=place,
    )


#: kind -> (keys only it may have, category it must have or None)
_KIND_RULES: dict[str, tuple[frozenset[str], str | None]] = {
    "first-party": (frozenset(), None),
    "google-analytics": (frozenset({"measurement_id"}), "analytics"),
    "embed": (frozenset({"embed_url", "features", "sandbox"}), "embed"),
}


def _contradictions(document: Yaml, at: tuple[str, str], raw: _Raw, found: list[Diagnostic]) -> None:
    kind = raw["kind"]
    own, category = _KIND_RULES[kind]
    if category is not None and raw["category"] != category:
        found.append(
            problem(
                "C203",
                document.at(*at, "category"),
                f"a service of kind {kind} belongs to the category “{category}”, not “{raw['category']}”",
                f"write category: {category}",
            )
        )
    if kind == "first-party" and raw["category"] == "embed":
        found.append(
            problem(
                "C203",
                document.at(*at, "category"),
                "a first-party service is not an embed",
                "write category: essential",
            )
        )
    for other, (keys, _) in _KIND_RULES.items():
        if other != kind:
            for key in sorted(keys & raw.keys() - own):
                hint = f"remove it, or write kind: {other}"
                found.append(
                    problem("C203", document.at_key(*at, key), f"“{key}” means nothing for kind {kind}", hint)
                )
    if kind == "first-party" and raw.get("origins"):
        found.append(
            problem(
                "C203",
                document.at_key(*at, "origins"),
                "a first-party service has no origins of its own",
                "remove them",
            )
        )
    if raw.get("measurement_id") and not raw.get("origins", {}).get("script"):
        found.append(
            problem(
                "C203",
                document.at_key(*at, "measurement_id"),
                "Google Analytics has no origin to load its script from",
                "add origins: script: [https://www.googletagmanager.com]",
            )
        )
    if kind == "embed" and "embed_url" not in raw:
        found.append(
            problem(
                "C203",
                document.at_key(*at),
                "an embedded service needs embed_url",
                "add embed_url: https://…",
            )
        )

from __future__ import annotations

from datetime import date

import pytest

from policysite.core.diagnostics import Diagnostic
from policysite.core.model import Config, Duration, Fact
from policysite.load.config import DEFAULT_SANDBOX, load_config, parse_date, parse_duration

HEAD = "site: {name: A, base_url: https://a.test}\nlanguages:\n  en:\n"
FACTS = "facts: {contact_email: a@b.cd, minimum_age: 18, consent_months: 6, cookie_max_years: 1}\n"
SERVICE = "    name: S\n    category: essential\n    provider: P\n    purpose: Why.\n"


def good(text: str, pages: frozenset[str] | None = None) -> Config:
    config, problems = load_config("config.yaml", text, pages)
    assert problems == ()
    assert config is not None
    return config


def bad(text: str, pages: frozenset[str] | None = None) -> list[tuple[str, int, int]]:
    return [(item.code, item.place.line, item.place.col) for item in problems_of(text, pages)]


def problems_of(text: str, pages: frozenset[str] | None = None) -> tuple[Diagnostic, ...]:
    config, problems = load_config("config.yaml", text, pages)
    assert config is None
    return problems


def service(rest: str, head: str = SERVICE, kind: str = "first-party") -> str:
    return f"{HEAD}{FACTS}services:\n  one:\n    kind: {kind}\n{head}{rest}"


def test_the_least_config_has_defaults() -> None:
    config = good(HEAD + FACTS)
    assert config.source == "en"
    assert [language.tag for language in config.languages] == ["en"]
    assert config.language("en").status == "source"
    assert config.site.tagline == ""
    assert (config.services, config.header, config.footer, config.form_endpoint) == ((), (), (), None)
    assert config.fact("site_url") == Fact("site_url", "https://a.test")
    assert config.count("minimum_age") == 18


def test_languages_are_what_config_and_cldr_say() -> None:
    config = good(
        HEAD
        + "  bn: {status: reviewed, digits: latin}\n  ar: {digits: native, english_prevails: true}\n"
        + "  pt-BR: {published: false}\n  no:\n"
        + FACTS
    )
    bn, ar, pt = (config.language(tag) for tag in ("bn", "ar", "pt-BR"))
    assert (bn.status, bn.digits, bn.script, bn.name) == ("reviewed", "0123456789", "Beng", "বাংলা")
    assert (ar.status, ar.digits[1], ar.direction, ar.english_prevails) == ("unreviewed", "١", "rtl", True)
    assert (pt.locale, pt.published) == ("pt_BR", False)
    assert config.language("no").english_name.startswith("Norwegian")
    assert [language.tag for language in config.translations] == ["bn", "ar", "pt-BR", "no"]


def test_facts_are_numbers_dates_and_texts() -> None:
    config = good(
        HEAD + FACTS.replace("{", "{started: 2024-05, changed: 2025-10-15, label: 2.5, phone: '12', ")
    )
    assert config.fact("started") == Fact("started", date(2024, 5, 1), "month")
    assert config.fact("changed") == Fact("changed", date(2025, 10, 15), "day")
    assert config.fact("label").value == "2.5"
    assert config.fact("phone").value == "12"


def test_services_give_facts_origins_and_a_frame() -> None:
    config = good(
        service(
            "    embed_url: https://chat.test/x?y=1\n    url: https://chat.test\n    features: [camera]\n"
            "    origins: {frame: [https://b.test], connect: [https://*.c.test]}\n"
            "    cookies:\n      - {name: s, purpose: Session., duration: session, recipient: R}\n"
            "      - {name: 't_*', purpose: More., duration: 90 days, kind: local-storage}\n",
            SERVICE.replace("essential", "embed"),
            "embed",
        )
    )
    (one,) = config.services
    assert one.frame is not None
    assert (one.frame.url, one.frame.features, one.frame.sandbox) == (
        "https://chat.test/x?y=1",
        ("camera",),
        DEFAULT_SANDBOX,
    )
    assert one.origins == (
        ("connect", ("https://*.c.test",)),
        ("frame", ("https://chat.test", "https://b.test")),
    )
    assert config.fact("one_url").value == "https://chat.test"
    assert [(cookie.recipient, cookie.kind, cookie.duration) for cookie in one.cookies] == [
        ("R", "cookie", Duration(0, "session")),
        ("P", "local-storage", Duration(90, "day")),
    ]
    assert one.cookies[1].place.line == one.cookies[0].place.line + 1
    assert one.place.line == 6


def test_analytics_without_an_id_is_not_active() -> None:
    google = "    measurement_id: ID\n    origins: {script: [https://a.test]}\n"
    text = service(google, SERVICE.replace("essential", "analytics"), "google-analytics")
    assert good(text.replace("ID", "G-AB12")).active_services != ()
    assert good(text.replace("ID", "null")).active_services == ()


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", [("C102", 1, 1)]),
        ("[]", [("C102", 1, 1)]),
        (FACTS, [("C103", 1, 1), ("C103", 1, 1)]),
        (HEAD + FACTS + "colour: red\n", [("C101", 5, 1)]),
        (HEAD.replace("name: A", "name: 5") + FACTS, [("C102", 1, 14)]),
        (HEAD.replace("name: A", "name: ''") + FACTS, [("C104", 1, 14)]),
        (HEAD.replace("https://a.test", "https://a.test/x") + FACTS, [("C104", 1, 27)]),
        (HEAD + FACTS.replace("18", "old"), [("C102", 4, 45)]),
        (HEAD + FACTS.replace("18", "true"), [("C102", 4, 45)]),
        (HEAD + FACTS.replace("18", "-1"), [("C104", 4, 45)]),
        (HEAD + FACTS.replace("minimum_age: 18, ", ""), [("C103", 4, 8)]),
        (HEAD + FACTS.replace("{", "{Bad-name: 1, "), [("C104", 4, 9)]),
        (HEAD + FACTS.replace("{", "{day: 2025-02-30, "), [("C206", 4, 14)]),
        (HEAD + FACTS.replace("{", "{day: 2025-13, "), [("C206", 4, 14)]),
        (HEAD + "  xx-YY:\n" + FACTS, [("C201", 4, 3)]),
        (HEAD + "  pt_BR:\n" + FACTS, [("C201", 4, 3)]),
        (HEAD + "  bn: {state: x}\n" + FACTS, [("C101", 4, 8)]),
        (HEAD + "  bn: {status: perfect}\n" + FACTS, [("C104", 4, 16)]),
        (HEAD + FACTS + "source_language: fr\n", [("C207", 2, 1)]),
        (HEAD.replace("  en:", "  en: {published: false}") + FACTS, [("C104", 3, 19)]),
        (service("    cookies:\n      - {name: x, purpose: y, duration: 2 years}\n"), [("C204", 13, 41)]),
        (service("    cookies:\n      - {name: x, purpose: y, duration: soon}\n"), [("C104", 13, 41)]),
        (service("    origins: {img: [https://a.test]}\n"), [("C203", 12, 5)]),
        (service("", SERVICE.replace("essential", "embed")), [("C203", 9, 15)]),
        (
            service("", SERVICE.replace("essential", "embed"), "embed"),
            [("C203", 6, 3)],
        ),
        (
            service("    embed_url: https://a.test\n", SERVICE, "embed"),
            [("C203", 9, 15)],
        ),
        (
            service(
                "    origins: {script: [https://a.test/x, 'https://b.test; x']}\n",
                SERVICE.replace("essential", "analytics"),
                "google-analytics",
            ),
            [("C205", 12, 24), ("C205", 12, 42)],
        ),
    ],
)
def test_what_is_refused_and_where(text: str, found: list[tuple[str, int, int]]) -> None:
    assert bad(text) == found


def test_a_mistyped_key_gets_its_cure() -> None:
    (item,) = problems_of((HEAD + FACTS).replace("languages:", "langauges:"))[:1]
    assert item.message == "config.yaml lacks “languages”"
    hints = [item.hint for item in problems_of(HEAD + FACTS + "navigatoin: {}\n")]
    assert hints == ["did you mean “navigation”?"]


def test_several_problems_are_found_in_one_run() -> None:
    text = HEAD + "  xx:\n  pt_br:\n" + FACTS.replace("{", "{day: 2025-99, ")
    assert [code for code, _, _ in bad(text)] == ["C206", "C201", "C201"]


def test_menus_name_pages_that_exist() -> None:
    text = HEAD + FACTS + "navigation:\n  header: [home, privcy]\n"
    assert good(text).header == ("home", "privcy")
    (item,) = problems_of(text, frozenset({"home", "privacy"}))
    assert (item.code, str(item.place), item.hint) == (
        "C202",
        "config.yaml:6:18",
        "did you mean “privacy”?",
    )


@pytest.mark.parametrize(
    ("text", "parsed"),
    [
        ("2025-10", (date(2025, 10, 1), "month")),
        ("2025-10-15", (date(2025, 10, 15), "day")),
        ("2025-02-30", None),
        ("2025-00", None),
        ("2025", None),
        ("2025-1", None),
        ("2025-10\n", None),
        ("২০২৫-১০", None),
        ("v2025-10", None),
    ],
)
def test_parse_date(text: str, parsed: tuple[date, str] | None) -> None:
    assert parse_date(text) == parsed


def test_durations_are_upper_bounds_in_days_and_seconds() -> None:
    assert parse_duration("6 months") == Duration(6, "month")
    assert parse_duration("1 day") == Duration(1, "day")
    assert parse_duration("session") == Duration(0, "session")
    assert (Duration(2, "month").days, Duration(1, "year").days, Duration(0, "session").days) == (62, 366, 0)
    assert (Duration(1, "month").seconds, Duration(1, "year").seconds) == (30 * 86400, 365 * 86400)


def test_levels_of_checks() -> None:
    text = HEAD + FACTS + "check:\n  levels:\n    T301: error\n    T314: warning\n    T106: error\n"
    config, problems = load_config("config.yaml", text)
    assert problems == ()
    assert config is not None
    assert dict(config.levels) == {"T301": "error", "T314": "warning", "T106": "error"}


@pytest.mark.parametrize(
    ("row", "code"),
    [("T106: warning", "C208"), ("C001: info", "C208"), ("X999: error", "C208"), ("T301: off", "C104")],
)
def test_no_error_is_lowered(row: str, code: str) -> None:
    config, problems = load_config("config.yaml", f"{HEAD}{FACTS}check:\n  levels:\n    {row}\n")
    assert config is None
    assert [item.code for item in problems] == [code]

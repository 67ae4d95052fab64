"""What lies below /.well-known/, and the day on which the security contact ends."""

from __future__ import annotations

import json
from datetime import date

import pytest

from policysite.core.model import Config, SecurityContact
from policysite.load.config import load_config
from policysite.render.wellknown import security_problems, well_known
from tests.helpers.mini import CONFIG

PRINT = ":".join(["AB"] * 32)
MORE = f"""\
security:
  contact: ["mailto:security@acme.test", "https://acme.test/report"]
  expires: 2026-06-30
  policy: https://acme.test/en/security/
apps:
  android:
    com.acme.chat: ["{PRINT}"]
  ios: [AB12CD34EF.com.acme.chat]
"""


def config(more: str) -> Config:
    loaded, problems = load_config("config.yaml", CONFIG + more)
    assert loaded is not None, problems
    return loaded


def files(more: str) -> dict[str, str]:
    return {file.path: file.data.decode() for file in well_known(config(more), "https://acme.test", ())}


def test_nothing_that_is_not_configured():
    assert list(files("")) == [".well-known/gpc.json"]


def test_security_txt():
    assert files(MORE)[".well-known/security.txt"] == (
        "Contact: mailto:security@acme.test\n"
        "Contact: https://acme.test/report\n"
        "Expires: 2026-06-30T23:59:59Z\n"
        "Preferred-Languages: en, bn, ar\n"
        "Canonical: https://acme.test/.well-known/security.txt\n"
        "Policy: https://acme.test/en/security/\n"
    )
    assert (
        "Preferred-Languages: en\n"
        in files(MORE.replace("  policy", "  languages: [en]\n  policy"))[".well-known/security.txt"]
    )


def test_association_files():
    made = files(MORE)
    (link,) = json.loads(made[".well-known/assetlinks.json"])
    assert link["target"]["package_name"] == "com.acme.chat"
    assert link["target"]["sha256_cert_fingerprints"] == [PRINT]
    apple = json.loads(made[".well-known/apple-app-site-association"])
    assert apple["applinks"]["details"][0]["appIDs"] == ["AB12CD34EF.com.acme.chat"]


@pytest.mark.parametrize(
    ("today", "code", "words"),
    [
        (date(2026, 5, 31), "", ""),
        (date(2026, 6, 1), "C303", "in 29 days"),
        (date(2026, 6, 29), "C303", "in 1 day"),
        (date(2026, 6, 30), "C303", "in 0 days"),
        (date(2026, 7, 1), "C302", "expired on 2026-06-30"),
        (date(2025, 6, 1), "C303", "once a year"),
    ],
)
def test_its_end_is_watched(today: date, code: str, words: str):
    found = list(security_problems(SecurityContact(("mailto:a@b.test",), date(2026, 6, 30)), today))
    assert [item.code for item in found] == ([code] if code else [])
    assert all(words in item.message for item in found)


@pytest.mark.parametrize(
    "wrong",
    [
        "security: {contact: [], expires: 2026-06-30}\n",
        "security: {contact: [security@acme.test], expires: 2026-06-30}\n",
        "security: {contact: ['mailto:a@b.test'], expires: 2026-06}\n",
        "security: {contact: ['mailto:a@b.test']}\n",
        "apps: {ios: [com.acme.chat]}\n",
        f"apps: {{android: {{chat: ['{PRINT}']}}}}\n",
        "apps: {android: {com.acme.chat: ['AB:CD']}}\n",
    ],
)
def test_what_would_not_work_is_refused(wrong: str):
    loaded, problems = load_config("config.yaml", CONFIG + wrong)
    assert loaded is None
    assert problems[0].place.line > 0

"""What the environment sets, and what may not go live."""

from __future__ import annotations

import pytest

from policysite.core.model import Config
from policysite.load.config import load_config
from tests.helpers.mini import CONFIG


def load(*environment: tuple[str, str], text: str = CONFIG, release: bool = False) -> Config:
    config, problems = load_config("config.yaml", text, None, environment, release)
    assert problems == ()
    assert config is not None
    return config


def codes(*environment: tuple[str, str], text: str = CONFIG, release: bool = False) -> list[tuple[str, str]]:
    _, problems = load_config("config.yaml", text, None, environment, release)
    return [(item.code, str(item.place)) for item in problems]


def test_the_environment_sets_a_value_of_a_service() -> None:
    config = load(("POLICYSITE__SERVICES__COUNTER__MEASUREMENT_ID", "G-REAL123"))
    assert [service.measurement_id for service in config.services] == [None, "G-REAL123"]


def test_the_environment_sets_a_key_the_file_lacks_and_a_number() -> None:
    config = load(
        ("POLICYSITE__SERVICES__COUNTER__URL", "https://counter.invalid"),
        ("POLICYSITE__FACTS__MINIMUM_AGE", "21"),
    )
    assert config.services[1].url == "https://counter.invalid"
    assert config.count("minimum_age") == 21


def test_an_empty_value_switches_analytics_off() -> None:
    config = load(("POLICYSITE__SERVICES__COUNTER__MEASUREMENT_ID", ""))
    assert [service.id for service in config.active_services] == ["acme"]


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("POLICYSITE__SERVICES__CONTER__MEASUREMENT_ID", "G-1", "C101"),
        ("POLICYSITE__SERVICES__COUNTER__MEASUREMENT_ID", "UA-1", "C104"),
        ("POLICYSITE__SERVICES__COUNTER__MEASURMENT_ID", "G-1", "C101"),
        ("POLICYSITE__FACTS__MINIMUM_AGE", "eighteen", "C102"),
    ],
)
def test_a_mistake_in_the_environment_names_the_variable(name: str, value: str, code: str) -> None:
    assert codes((name, value)) == [(code, f"${name}")]


def test_other_variables_are_left_alone() -> None:
    assert load(("POLICYSITE_CHROMIUM", "/x"), ("PATH", "/y")) == load()


REAL = CONFIG.replace("https://acme.test", "https://acme.org").replace("help@acme.test", "help@acme.org")


def test_a_release_refuses_examples_with_their_place() -> None:
    assert codes(text=REAL, release=True) == []
    assert codes(text=REAL.replace("G-TEST000", "G-EXAMPLE000"), release=True) == [
        ("C301", "config.yaml:36:21")
    ]
    for address in ("https://example.com", "https://acme.example", "https://acme.test"):
        assert codes(text=REAL.replace("https://acme.org", address), release=True) == [
            ("C301", "config.yaml:3:13")
        ]
    assert codes(text=REAL.replace("help@acme.org", "help@example.org"), release=True)
    assert codes(text=REAL.replace("G-TEST000", "G-EXAMPLE000")) == []


def test_a_real_value_from_the_environment_makes_it_releasable() -> None:
    example = REAL.replace("G-TEST000", "G-EXAMPLE000")
    real = ("POLICYSITE__SERVICES__COUNTER__MEASUREMENT_ID", "G-REAL123")
    assert codes(real, text=example, release=True) == []


def test_a_release_refuses_what_nobody_confirmed() -> None:
    text = REAL + "unconfirmed: [facts.contact_email]\n"
    assert codes(text=text) == []
    assert [code for code, _ in codes(text=text, release=True)] == ["C301"]


def test_unconfirmed_names_values_that_exist() -> None:
    assert [code for code, _ in codes(text=REAL + "unconfirmed: [facts.contact_mail]\n")] == ["C104"]

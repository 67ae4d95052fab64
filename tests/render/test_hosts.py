"""Each dialect read back by its host's own rules: every page gets the headers of the model."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from policysite.core.model import HOSTS, Header
from policysite.core.negotiation import negotiate, negotiate_by_patterns
from policysite.core.urls import address, addresses
from policysite.load.config import load_config
from policysite.render.headers import COMMON
from policysite.render.hosts import WRITERS, host_files
from policysite.render.hosts.cloudflare import MAX_FILES, MAX_LINE, MAX_RULES
from policysite.render.hosts.model import HostSite, host_site, rules
from policysite.render.hosts.vercel import MAX_RULES as VERCEL_RULES
from tests.helpers.cdn import headers_for, read_header_rules
from tests.helpers.languages import ACCEPT_LANGUAGE
from tests.helpers.mini import CONFIG

PERMISSIONS = ("Permissions-Policy", "camera=()")
COOKIE = """\
      - name: language
        purpose: Remembers the language you chose.
        duration: session
"""


def csp(kind: str) -> tuple[Header, ...]:
    return (("Content-Security-Policy", f"default-src 'none'; script-src '{kind}'"), PERMISSIONS)


def site(
    tags: tuple[str, ...] = ("en", "bn", "ar"),
    documents: int = 3,
    *,
    kinds: int = 1,
    config: str = CONFIG,
    long: str = "",
) -> HostSite:
    """A site with a home, some documents (the apps' copy differs) and a 404 page in each language."""
    loaded, problems = load_config("config.yaml", config)
    assert loaded is not None, problems
    pages = [
        ("index.html", csp("chooser")),
        ("analytics/index.html", csp(f"analytics{long}")),
        ("forget/index.html", (*csp("none"), ("Clear-Site-Data", '"cookies"'))),
        ("404.html", csp("page")),
    ]
    for tag in tags:
        pages += [(f"{tag}/index.html", csp("home")), (f"{tag}/404.html", csp("page"))]
        for number in range(documents):
            kind = f"page{number % kinds}" if kinds > 1 else "page"
            pages.append((f"{tag}/document-{number}/index.html", csp(kind)))
            pages.append((f"app/{tag}/document-{number}/index.html", csp("app")))
    whole = [(output, (*own, *COMMON)) for output, own in pages]
    files = [*(output for output, _ in pages), "robots.txt", "assets/css/site.0123456789.css"]
    return host_site(loaded, whole, files, [(tag, f"/{tag}/") for tag in tags], False)


SITES = {
    "usual": site(),
    "one language": site(("en",)),
    "no documents": site(documents=0),
    "scripts": site(("en", "zh-Hans", "zh-Hant", "pt-BR")),
    "large": site(("en", "bn", "ar", "fr", "de"), 60),
    "kinds": site(documents=20, kinds=4),
}
every_site = pytest.mark.parametrize("model", SITES.values(), ids=list(SITES))


def text(model: HostSite, host: str, path: str) -> str:
    files, problems = host_files((host,), model)
    assert problems == ()
    return next(file.data for file in files if file.path == path).decode()


def expected(model: HostSite, output: str) -> dict[str, str]:
    return {name: value for name, value in model.headers(output) if name not in ("Cache-Control", "Vary")}


def test_every_host_has_a_writer():
    assert tuple(WRITERS) == HOSTS


@every_site
@pytest.mark.parametrize("host", HOSTS)
def test_the_same_site_gives_the_same_files(model: HostSite, host: str):
    assert WRITERS[host](model) == WRITERS[host](model)
    assert WRITERS[host](model)[1] == ()


@every_site
def test_rules_are_few_and_give_every_page_its_headers(model: HostSite):
    made = rules(model)
    for page in model.pages:
        assert next(rule.own for rule in reversed(made) if rule.matches(address(page.output))) == page.own, (
            page.output
        )
    kinds = len({page.own for page in model.pages})
    assert len(made) <= 4 * kinds + 6 + len(model.pages) // 15


@every_site
def test_netlify(model: HostSite):
    found = read_header_rules(text(model, "netlify", "_headers"))
    for page in model.pages:
        for path in addresses(page.output):
            headers = headers_for(path, found)
            headers.pop("Vary", None)
            assert headers == expected(model, page.output), path
    assert headers_for("/robots.txt", found) == dict(COMMON)
    assert "immutable" in headers_for("/assets/css/site.0123456789.css", found)["Cache-Control"]


def test_netlify_sends_each_language_to_its_home_and_to_its_own_404_page():
    rows = [row.split() for row in text(SITES["scripts"], "netlify", "_redirects").splitlines()]
    served: dict[str, str] = {}
    for source, target, status, *condition in rows:
        if source == "/":
            assert status in ("302!", "200!")
            for one in condition[0].removeprefix("Language=").split(","):
                served.setdefault(one, target)
    assert served["en"] == "/en/"
    assert served["pt"] == "/pt-BR/"
    assert served["zh-tw"] == served["zh-hant"] == "/zh-Hant/"
    assert served["zh"] == "/zh-Hans/"
    assert ["/zh-Hans/*", "/zh-Hans/404.html", "404"] in rows
    assert ["/app/en/*", "/en/404.html", "404"] in rows


def test_netlify_does_not_send_taiwan_to_simplified_chinese():
    rows = [row.split() for row in text(site(("en", "zh-Hans")), "netlify", "_redirects").splitlines()]
    first = rows[0]
    assert first[1] == "/index.html"
    assert "zh-tw" in first[3]
    assert "zh-hant" not in first[3] or "zh-hans" not in first[3]


def cloudflare(text_of: str, path: str) -> dict[str, str]:
    """What Cloudflare Pages sends: rules in order; `! Name` detaches; a name set twice is joined."""
    found: dict[str, str] = {}
    matches = False
    for line in text_of.splitlines():
        if line.startswith("/"):
            pattern = re.escape(line).replace(r"\*", ".*")
            matches = re.fullmatch(re.sub(r":\w+", "[^/]+", pattern), path) is not None
        elif matches and line.strip().startswith("! "):
            found.pop(line.strip()[2:], None)
        elif matches:
            name, _, value = line.strip().partition(": ")
            found[name] = f"{found[name]}, {value}" if name in found else value
    return found


@every_site
def test_cloudflare(model: HostSite):
    written = text(model, "cloudflare", "_headers")
    for page in model.pages:
        found = cloudflare(written, address(page.output))
        assert found == {**expected(model, page.output), "Cache-Control": "no-cache"}, page.output
    lost = cloudflare(written, "/en/nothing/at/all/")
    assert lost == {**expected(model, "404.html"), "Cache-Control": "no-cache"}
    assert cloudflare(written, "/assets/css/x.css")["Cache-Control"].endswith("immutable")
    assert sum(row.startswith("/") for row in written.splitlines()) <= MAX_RULES


def last_wins(entries: list[dict[str, Any]], path: str, pattern: str) -> dict[str, str]:
    """What Firebase and Vercel send: all entries that match, a later value in place of an earlier one."""
    found: dict[str, str] = {}
    for entry in entries:
        source = str(entry[pattern])
        regex = (
            source
            if pattern == "regex"
            else "^" + re.sub(r":\w+", "[^/]+", source.replace(".", r"\.").replace(r"(\.*)", "(.*)")) + "$"
        )
        if re.search(regex, path):
            found.update({row["key"]: row["value"] for row in entry["headers"]})
    return found


@every_site
@pytest.mark.parametrize(
    ("host", "file", "pattern"), [("firebase", "firebase.json", "regex"), ("vercel", "vercel.json", "source")]
)
def test_hosts_where_the_last_rule_wins(model: HostSite, host: str, file: str, pattern: str):
    value = json.loads(text(model, host, file))
    entries = value["hosting"]["headers"] if host == "firebase" else value["headers"]
    for page in model.pages:
        found = last_wins(entries, address(page.output), pattern)
        found.pop("Vary", None)
        assert found == {**expected(model, page.output), "Cache-Control": "no-cache"}, page.output
    assert last_wins(entries, "/assets/css/x.css", pattern)["Cache-Control"].endswith("immutable")


def vercel(
    redirects: list[dict[str, Any]], headers: Mapping[str, str], cookies: Mapping[str, str]
) -> str | None:
    for redirect in redirects:
        condition = redirect["has"][0]
        kind, key, value = condition["type"], condition["key"], condition["value"]
        sent = cookies.get(key) if kind == "cookie" else headers.get(key)
        if sent is not None and re.fullmatch(value, sent):
            return str(redirect["destination"])
    return None


@pytest.mark.parametrize(("header", "tag"), ACCEPT_LANGUAGE)
def test_vercel_chooses_the_language(header: str, tag: str | None):
    redirects = json.loads(text(SITES["usual"], "vercel", "vercel.json"))["redirects"]
    found = vercel(redirects, {"accept-language": header} if header else {}, {})
    first = {"ar;q=0.8,bn;q=0.8": "/bn/", "bn,en,ar": "/en/"}
    if tie := next((home for start, home in first.items() if header.startswith(start)), None):
        assert found == tie  # equal weights: Vercel takes the site's order, the documented difference
    else:
        assert found == (f"/{tag}/" if tag else None)


def test_a_declared_cookie_remembers_the_choice():
    remembering = site(
        config=CONFIG.replace("        duration: 6 months\n", f"        duration: 6 months\n{COOKIE}", 1)
    )
    assert not SITES["usual"].remembers
    assert remembering.remembers
    assert dict(remembering.headers("index.html"))["Vary"] == "Accept-Language, Cookie"
    redirects = json.loads(text(remembering, "vercel", "vercel.json"))["redirects"]
    assert vercel(redirects, {"accept-language": "bn"}, {"language": "ar"}) == "/ar/"
    for host, path in (
        ("nginx", ".hosts/nginx-http.conf"),
        ("caddy", ".hosts/Caddyfile"),
        ("apache", ".htaccess"),
    ):
        assert "ookie" in text(remembering, host, path)
        assert "ookie" not in text(SITES["usual"], host, path).replace("Clear-Site-Data", "").replace(
            "cookies", ""
        )


def test_s3_lists_every_file_assets_first_and_pages_last():
    model = SITES["usual"]
    rows = json.loads(text(model, "s3", ".hosts/s3.json"))
    assert {row["path"] for row in rows} == {page.output for page in model.pages} | set(model.files)
    assert rows[0]["path"].startswith("assets/")
    assert rows[0]["cache_control"].endswith("immutable")
    assert rows[-1]["path"].endswith(".html")
    found = {row["path"]: row for row in rows}
    assert found["bn/document-0/index.html"]["content_language"] == "bn"
    assert found["bn/document-0/index.html"]["headers"] == expected(model, "bn/document-0/index.html")
    assert "content_language" not in found["robots.txt"]


def test_the_model_knows_which_404_page_answers():
    model = SITES["usual"]
    assert model.missing("/bn/x/") == "bn/404.html"
    assert model.missing("/app/bn/x/") == "bn/404.html"
    assert model.missing("/bnx/") == "404.html"


def problems(model: HostSite, *hosts: str) -> Iterator[tuple[str, str]]:
    for item in host_files(hosts, model)[1]:
        assert item.hint
        yield item.code, item.message


def test_more_rules_than_a_host_takes():
    # Every page of every language loads something else.
    many = site(tuple(f"e{letter}" for letter in "abcdefghij"), 15, kinds=15)
    distinct = HostSite(
        tuple(type(page)(page.output, csp(str(number))) for number, page in enumerate(many.pages)),
        *(getattr(many, name) for name in ("files", "homes", "not_found", "remembers", "precompressed")),
    )
    ((code, message),) = problems(distinct, "cloudflare")
    assert code == "H001"
    assert f"reads {MAX_RULES} header rules" in message
    assert list(problems(distinct, "netlify", "firebase", "apache", "nginx", "caddy")) == []
    tags = tuple(f"{a}{b}" for a in "abcdefgh" for b in "abcdefgh")
    more = site(tags, 10, kinds=10)
    distinct = HostSite(
        tuple(type(page)(page.output, csp(str(number))) for number, page in enumerate(more.pages)),
        *(getattr(more, name) for name in ("files", "homes", "not_found", "remembers", "precompressed")),
    )
    assert any(f"reads {VERCEL_RULES} headers" in message for _, message in problems(distinct, "vercel"))


def test_longer_values_than_a_host_takes():
    long = site(long=" https://origin.example" * 200)
    found = {code for host in ("cloudflare", "nginx", "vercel") for code, _ in problems(long, host)}
    assert found == {"H001"}
    assert any(f"{MAX_LINE} characters" in message for _, message in problems(long, "cloudflare"))
    assert list(problems(long, "netlify", "apache", "caddy", "s3")) == []


def test_a_dollar_sign_would_be_a_variable_of_nginx():
    ((code, message),) = problems(site(long="$host"), "nginx")
    assert code == "H001"
    assert "dollar" in message


def test_more_files_than_a_host_takes():
    usual = SITES["usual"]
    many = HostSite(
        usual.pages, tuple(map(str, range(MAX_FILES))), usual.homes, usual.not_found, usual.remembers, True
    )
    assert [code for code, _ in problems(many, "cloudflare")] == ["H002"]


def test_too_many_languages_for_a_pattern():
    tags = tuple(f"{a}{b}" for a in "abcdefghijklmnopq" for b in "abcdefghijklmnop")
    many = site(tags, 0)
    assert [code for code, _ in problems(many, "nginx")] == ["H003"]
    http = next(file for file in host_files(("nginx",), many)[0] if file.path.endswith("http.conf"))
    assert b"policysite_home" not in http.data


def test_two_hosts_of_one_file():
    assert [code for code, _ in problems(SITES["usual"], "netlify", "cloudflare")] == ["H004"]


def test_nginx_and_truth_agree_without_a_server():
    for header, tag in ACCEPT_LANGUAGE:
        assert (
            negotiate_by_patterns(header, SITES["usual"].tags)
            == negotiate(header, SITES["usual"].tags)
            == tag
        )

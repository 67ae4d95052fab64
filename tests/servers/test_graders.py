"""What public graders and validators say of the site as it is served."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from lxml import etree, html
from sectxt import Parser

from policysite.core.urls import address
from policysite.load.config import load_config
from policysite.render.wellknown import well_known
from tests.helpers.machine import ROOT, find_node_file, find_program
from tests.helpers.mini import CONFIG
from tests.helpers.servers import TlsServer, nginx_tls
from tests.servers.conftest import BuiltForHosts

HOST = "ohmegull.com"
SCRIPT = ROOT / "tests" / "helpers" / "observatory.mjs"


@pytest.fixture(scope="module")
def public(site: BuiltForHosts, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TlsServer]:
    with nginx_tls(site.folder, tmp_path_factory.mktemp("public"), HOST) as server:
        yield server


@pytest.mark.parametrize(
    "path",
    [
        "",
        "en/",
        "bn/live/",
        "ar/privacy/",
        "en/cookies/",
        "bn/contact/",
        "app/ar/terms/",
        "analytics/",
        "forget/",
    ],
)
def test_mdn_observatory_gives_its_best_grade(
    public: TlsServer, path: str, record_property: Callable[[str, object], None]
) -> None:
    find_node_file("@mdn/mdn-http-observatory/src/scanner/index.js")
    done = subprocess.run(
        [str(find_program(None, "node")), str(SCRIPT), f"{HOST}/{path}", str(public.http), str(public.https)],
        env={**os.environ, "NODE_EXTRA_CA_CERTS": str(public.certificate)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    scan = json.loads(done.stdout)
    failed = {name: test["result"] for name, test in scan["tests"].items() if not test["pass"]}
    record_property("score", scan["score"])
    print(f"MDN Observatory, /{path}: {scan['grade']}, {scan['score']}")  # noqa: T201 (shown with -s)
    assert (scan["grade"], failed) == ("A+", {}), scan["score"]
    assert scan["statusCode"] == 200


def test_security_txt_is_valid():
    more = "security:\n  contact: ['mailto:security@acme.test']\n  expires: 2199-12-31\n"
    config, problems = load_config("config.yaml", CONFIG + more)
    assert config is not None, problems
    file = next(
        one for one in well_known(config, "https://acme.test", ()) if one.path.endswith("security.txt")
    )
    parser = Parser(file.data)
    codes = {error["code"] for error in parser.errors}
    # The day is far ahead, so that this test does not depend on today; RFC 9116 advises a year.
    assert codes == set()
    assert {note["code"] for note in parser.recommendations} <= {"no_encryption", "not_signed", "long_expiry"}


def test_every_translation_names_every_other_and_itself(site: BuiltForHosts) -> None:
    """hreflang over the whole site: absolute, canonical among them, reciprocal, and served."""
    found: dict[str, dict[str, str]] = {}
    for page in site.model.pages:
        tree = html.fromstring((site.folder / page.output).read_bytes())
        links = {
            str(link.get("hreflang")): str(link.get("href"))
            for link in tree.xpath("//link[@rel='alternate'][@hreflang]")
        }
        if links:
            (canonical,) = tree.xpath("//link[@rel='canonical']/@href")
            assert str(canonical).endswith(address(page.output)), page.output
            found[str(canonical)] = links
    listed = (site.folder / "sitemap.xml").read_text(encoding="utf-8").count("<url>")
    assert len(found) == listed + 1  # all of the sitemap, and the list of languages at /
    for url, links in found.items():
        assert url in links.values()
        assert "x-default" in links
        for tag, target in links.items():
            assert urlsplit(target).scheme == "https"
            assert found[target] == links, (url, tag, target)
    space = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9", "x": "http://www.w3.org/1999/xhtml"}
    root = etree.fromstring((site.folder / "sitemap.xml").read_bytes())
    for entry in root.findall("s:url", space):
        loc = entry.findtext("s:loc", namespaces=space)
        assert loc is not None
        links = {str(link.get("hreflang")): str(link.get("href")) for link in entry.findall("x:link", space)}
        assert links == found[loc]


#: What sitemap.xsd leaves to others: the translations of an address (an element of XHTML).
ALTERNATES = """
<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="http://www.w3.org/1999/xhtml">
  <xs:element name="link">
    <xs:complexType>
      <xs:attribute name="rel" use="required" fixed="alternate"/>
      <xs:attribute name="hreflang" use="required" type="xs:string"/>
      <xs:attribute name="href" use="required" type="xs:anyURI"/>
    </xs:complexType>
  </xs:element>
</xs:schema>
"""


def test_the_sitemap_is_valid_by_its_schema(site: BuiltForHosts, tmp_path: Path) -> None:
    """sitemap.xsd of sitemaps.org 0.9, as the npm package `sitemap` brings it, and what it cannot say."""
    schema = find_node_file("sitemap/schema/sitemap.xsd")
    (tmp_path / "alternates.xsd").write_text(ALTERNATES, encoding="utf-8")
    (tmp_path / "both.xsd").write_text(
        '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">'
        '<xs:import namespace="http://www.sitemaps.org/schemas/sitemap/0.9"'
        f' schemaLocation="{schema.as_uri()}"/>'
        '<xs:import namespace="http://www.w3.org/1999/xhtml" schemaLocation="alternates.xsd"/></xs:schema>',
        encoding="utf-8",
    )
    rules = etree.XMLSchema(etree.parse(tmp_path / "both.xsd"))
    data = (site.folder / "sitemap.xml").read_bytes()
    rules.assertValid(etree.fromstring(data))
    for old, new in [
        (b"<loc>", b"<loc><b/>"),
        (b"<lastmod>2", b"<lastmod>x2"),
        (b'rel="alternate"', b'rel="x"'),
    ]:
        assert old in data
        assert not rules.validate(etree.fromstring(data.replace(old, new, 1))), new
    assert len(data) <= 50 * 1024 * 1024
    found = [element.text or "" for element in etree.fromstring(data).iter("{*}loc")]
    assert 0 < len(found) <= 50_000
    assert len(set(found)) == len(found)
    assert all(url.startswith(f"https://{HOST}/") for url in found)

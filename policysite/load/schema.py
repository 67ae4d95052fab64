"""The shape of `config.yaml` and of front matter, as JSON Schema literals, and their validation.

The schema is data: `policysite schema` prints it for editors, a test compares it with the reference, and
`jsonschema` finds all problems at once. Here each of its findings becomes a diagnostic with a place. What
surely has none (`fits`) is spared it: to import it takes 60 ms.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from policysite.core.diagnostics import LEVELS, Diagnostic, did_you_mean, ordered, problem
from policysite.core.model import CATEGORIES, FORMS, HOSTS, LAYOUTS, THEMES
from policysite.load.yamlnodes import Yaml, parse_yaml

Schema = Mapping[str, Any]

_TEXT = {"type": "string", "minLength": 1}
_HTTPS = {
    "type": "string",
    "pattern": r"^https://[^\s/]+(/\S*)?$",
    "expected": "an address that starts with https://",
}
_ORIGINS = {"type": "array", "items": {"type": "string"}}
_NAME = {"pattern": r"^[a-z][a-z0-9_]*$", "expected": "small letters, digits and underscores"}

COOKIE: Schema = {
    "type": "object",
    "additionalProperties": False,
    "required": ["name", "purpose", "duration"],
    "properties": {
        "name": {**_TEXT, "description": "Name as the browser shows it; may end in `*` (`_ga_*`)."},
        "kind": {
            "enum": ["cookie", "local-storage", "session-storage"],
            "description": "Where it is kept; `cookie` by default.",
        },
        "purpose": {**_TEXT, "description": "What it is for, in English: a sentence translators see."},
        "duration": {
            "type": "string",
            "pattern": r"^(session|[1-9][0-9]* (day|month|year)s?)$",
            "expected": "“session” or a count and a unit, such as “6 months”",
            "description": "Lifetime: `session`, `90 days`, `6 months`, `1 year`.",
        },
        "recipient": {**_TEXT, "description": "Who receives it; the service's provider by default."},
    },
}

SERVICE: Schema = {
    "type": "object",
    "additionalProperties": False,
    "required": ["kind", "name", "category", "provider", "purpose"],
    "properties": {
        "kind": {
            "enum": ["first-party", "google-analytics", "embed"],
            "description": "What it is: the site's own storage, Google Analytics, or an embedded frame.",
        },
        "name": {**_TEXT, "description": "Name shown to visitors."},
        "category": {"enum": list(CATEGORIES), "description": "The consent category it belongs to."},
        "provider": {**_TEXT, "description": "Who runs it."},
        "purpose": {**_TEXT, "description": "What it is for, in English: a sentence translators see."},
        "url": {**_HTTPS, "description": "The provider's site; the fact `<service>_url`."},
        "privacy_url": {**_HTTPS, "description": "Its privacy policy; the fact `<service>_privacy_url`."},
        "terms_url": {
            **_HTTPS,
            "description": "Its terms or user agreement; the fact `<service>_terms_url`.",
        },
        "measurement_id": {
            "type": ["string", "null"],
            "pattern": r"^G-[A-Z0-9]+$",
            "expected": "a Google Analytics 4 measurement id, such as G-AB12CD34EF",
            "description": "Google Analytics 4 id; without it analytics is switched off everywhere.",
        },
        "embed_url": {**_HTTPS, "description": "Address of the embedded frame."},
        "features": {
            "type": "array",
            "items": {
                "enum": [
                    "camera",
                    "microphone",
                    "autoplay",
                    "fullscreen",
                    "clipboard-write",
                    "picture-in-picture",
                ]
            },
            "description": "Browser features delegated to the frame.",
        },
        "sandbox": {
            "type": "array",
            "items": {
                "type": "string",
                "pattern": r"^allow-(?!top-navigation)[a-z-]+$",
                "expected": "a sandbox token such as allow-scripts; top navigation is never allowed",
            },
            "description": "Sandbox tokens of the frame; the documented safe set by default.",
        },
        "origins": {
            "type": "object",
            "additionalProperties": False,
            "properties": {
                name: {**_ORIGINS, "description": f"Origins for `{name}-src`."}
                for name in ("connect", "frame", "img", "script")
            },
            "description": "The origins it loads from, by kind of request.",
        },
        "cookies": {"type": "array", "items": COOKIE, "description": "Everything it stores in the browser."},
    },
}

CONFIG: Schema = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "policysite config.yaml",
    "type": "object",
    "additionalProperties": False,
    "required": ["site", "languages", "facts"],
    "properties": {
        "site": {
            "type": "object",
            "additionalProperties": False,
            "required": ["name", "base_url"],
            "properties": {
                "name": {**_TEXT, "description": "Brand name."},
                "base_url": {
                    "type": "string",
                    "pattern": r"^https?://[^\s/]+$",
                    "expected": "scheme and host without a path, such as https://example.com",
                    "description": "Where the site is published; `--base-url` overrides it.",
                },
                "tagline": {
                    **_TEXT,
                    "description": "One line about the site, in English: translators see it.",
                },
            },
            "description": "Who publishes.",
        },
        "source_language": {**_TEXT, "description": "Language of content/; `en` by default."},
        "languages": {
            "type": "object",
            "minProperties": 1,
            "additionalProperties": {
                "type": ["object", "null"],
                "additionalProperties": False,
                "properties": {
                    "status": {
                        "enum": ["reviewed", "unreviewed"],
                        "description": "`unreviewed` (default) tells readers that nobody checked it.",
                    },
                    "digits": {
                        "enum": ["native", "latin"],
                        "description": "Digits of the texts; CLDR's default for the language when left out.",
                    },
                    "english_prevails": {
                        "type": "boolean",
                        "description": "Whether policies say that the English text prevails.",
                    },
                    "published": {
                        "type": "boolean",
                        "description": "`false`: checked by every run, but not built.",
                    },
                    "register": {
                        "enum": ["formal", "informal"],
                        "description": "How texts address the reader; `formal` by default.",
                    },
                    "coverage": {
                        "type": "integer",
                        "minimum": 0,
                        "maximum": 100,
                        "description": "Percent of each catalog that must be translated and approved.",
                    },
                },
            },
            "description": "BCP 47 tags of the languages, in the order of your choice.",
        },
        "facts": {
            "type": "object",
            "propertyNames": _NAME,
            "required": ["contact_email", "minimum_age", "consent_months", "cookie_max_years"],
            "additionalProperties": {"type": ["string", "integer"]},
            "properties": {
                "contact_email": {
                    "type": "string",
                    "pattern": r"^[^@\s]+@[^@\s]+\.[^@\s]+$",
                    "expected": "an e-mail address",
                    "description": "The published contact address.",
                },
                "minimum_age": {
                    "type": "integer",
                    "minimum": 0,
                    "description": "Age from which the service may be used.",
                },
                "consent_months": {
                    "type": "integer",
                    "minimum": 1,
                    "maximum": 12,
                    "description": "How long a consent choice is remembered, in months.",
                },
                "cookie_max_years": {
                    "type": "integer",
                    "minimum": 1,
                    "description": "Longest lifetime a declared cookie may have, in years.",
                },
            },
            "description": "Numbers, dates and addresses the texts use as `{{ name }}` and the code obeys.",
        },
        "services": {
            "type": "object",
            "propertyNames": _NAME,
            "additionalProperties": SERVICE,
            "description": "Every party that receives something from a visitor's browser.",
        },
        "navigation": {
            "type": "object",
            "additionalProperties": False,
            "properties": {
                "header": {
                    "type": "array",
                    "items": _TEXT,
                    "description": "Pages linked in the header, by name.",
                },
                "footer": {
                    "type": "array",
                    "items": _TEXT,
                    "description": "Pages linked in the footer, by name.",
                },
            },
            "description": "Menus.",
        },
        "forms": {
            "type": "object",
            "additionalProperties": False,
            "properties": {
                "endpoint": {
                    "type": ["string", "null"],
                    "pattern": r"^https://[^\s/]+(/\S*)?$",
                    "expected": "an address that starts with https://",
                    "description": "Where forms post to; without it they become a prepared e-mail.",
                }
            },
            "description": "Contact and deletion forms.",
        },
        "policies": {
            "type": "object",
            "additionalProperties": False,
            "properties": {
                "notice_days": {
                    "type": "integer",
                    "minimum": 0,
                    "description": "For how many days after it takes effect the home page tells of "
                    "a material change; 30 by default.",
                }
            },
            "description": "How changes of policies are announced.",
        },
        "analytics": {
            "type": "object",
            "additionalProperties": False,
            "properties": {
                "isolation": {
                    "enum": ["frame", "page"],
                    "description": "Where Google Analytics runs after a grant: `frame` (the default: content "
                    "pages name no Google host) or `page` (every page may load from Google).",
                }
            },
            "description": "How analytics is built in.",
        },
        "unconfirmed": {
            "type": "array",
            "items": _TEXT,
            "description": "Values nobody has confirmed yet (`services.x.url`); `check --release` refuses.",
        },
        "hosts": {
            "type": "array",
            "items": {"enum": list(HOSTS)},
            "uniqueItems": True,
            "description": "Hosts to write headers, redirects and error pages for, each in its own form.",
        },
        "security": {
            "type": "object",
            "additionalProperties": False,
            "required": ["contact", "expires"],
            "properties": {
                "contact": {
                    "type": "array",
                    "minItems": 1,
                    "items": {
                        "type": "string",
                        "pattern": r"^(mailto:[^@\s]+@[^@\s]+\.[^@\s]+|https://[^\s/]+(/\S*)?)$",
                        "expected": "mailto: and an e-mail address, or an address that starts with https://",
                    },
                    "description": "Where to report a weakness, the preferred way first.",
                },
                "expires": {
                    "type": "string",
                    "pattern": r"^\d{4}-\d{2}-\d{2}$",
                    "expected": "a day such as 2027-03-31",
                    "description": "Last day on which the file may be trusted, less than a year ahead.",
                },
                "policy": {**_HTTPS, "description": "Page that says how reports are handled."},
                "languages": {
                    "type": "array",
                    "items": _TEXT,
                    "description": "Languages you read reports in; those of the site by default.",
                },
            },
            "description": "Contact for security researchers: `/.well-known/security.txt`.",
        },
        "apps": {
            "type": "object",
            "additionalProperties": False,
            "properties": {
                "android": {
                    "type": "object",
                    "propertyNames": {
                        "pattern": r"^[A-Za-z]\w*(\.[A-Za-z]\w*)+$",
                        "expected": "the name of an Android package, such as com.example.app",
                    },
                    "additionalProperties": {
                        "type": "array",
                        "minItems": 1,
                        "items": {
                            "type": "string",
                            "pattern": r"^[0-9A-F]{2}(:[0-9A-F]{2}){31}$",
                            "expected": "a SHA-256 fingerprint: 32 pairs of 0-9 and A-F with colons",
                        },
                    },
                    "description": "Package names with SHA-256 fingerprints of their certificates.",
                },
                "ios": {
                    "type": "array",
                    "items": {
                        "type": "string",
                        "pattern": r"^[A-Z0-9]{10}\.[A-Za-z0-9.-]+$",
                        "expected": "team id and bundle id, such as AB12CD34EF.com.example.app",
                    },
                    "description": "App ids: team id, a point, bundle id.",
                },
                "pages": {
                    "type": "boolean",
                    "description": "Whether pages have a copy for the apps below `/app/`; yes by default.",
                },
            },
            "description": "The apps that show pages of this site, and open links to it (association files).",
        },
        "theme": {
            "enum": list(THEMES),
            "description": "`policysite` (the default): templates and assets you do not have yourself come "
            "with policysite. `none`: you bring all of them.",
        },
        "precompress": {
            "type": "boolean",
            "description": "Whether `.br` and `.gz` are written beside text files; yes by default.",
        },
        "protected_terms": {
            "type": "array",
            "items": _TEXT,
            "description": "Names every translation keeps as they are.",
        },
        "check": {
            "type": "object",
            "additionalProperties": False,
            "properties": {
                "levels": {
                    "type": "object",
                    "additionalProperties": {"enum": list(LEVELS)},
                    "description": "Code of a check and the level it has on this site: `T301: error`.",
                },
            },
            "description": "What `check` and `build` make of a finding.",
        },
    },
}

GLOSSARY: Schema = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "policysite glossary.yaml",
    "type": ["object", "null"],
    "additionalProperties": {
        "type": "array",
        "minItems": 1,
        "items": {**_TEXT, "description": "A word of the language, or its stem."},
    },
}

FRONT_MATTER: Schema = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "policysite front matter",
    "type": "object",
    "additionalProperties": False,
    "required": ["title", "description"],
    "properties": {
        "title": {**_TEXT, "description": "Page title and first heading."},
        "description": {**_TEXT, "description": "One sentence for search engines and previews."},
        "nav_title": {**_TEXT, "description": "Short label for menus; the title by default."},
        "lead": {**_TEXT, "description": "Opening sentence under the title (inline Markdown)."},
        "summary": {
            "type": "array",
            "items": _TEXT,
            "description": "“At a glance” sentences (inline Markdown).",
        },
        "changes": {
            "type": "array",
            "items": _TEXT,
            "description": "Policies only: what this version changed, in plain sentences (inline Markdown).",
        },
        "material": {
            "type": "boolean",
            "description": "Policies only: whether the change matters to readers, who are then told "
            "on the home page; true by default.",
        },
        "announced": {
            "type": ["string"],
            "pattern": r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$",
            "expected": "a day such as 2025-09-15",
            "description": "Policies only: the day the version was made public, if not the day it "
            "takes effect.",
        },
        "layout": {
            "enum": list(LAYOUTS),
            "description": "Template of the page; `page`, or `policy` for policies.",
        },
        "slug": {
            "type": "string",
            "pattern": r"^[a-z0-9]+(-[a-z0-9]+)*$",
            "expected": "small letters, digits and single hyphens",
            "description": "Last part of the URL; the file or folder name by default.",
        },
        "numbered": {"type": "boolean", "description": "Whether headings are numbered."},
        "noindex": {"type": "boolean", "description": "Whether search engines should leave the page out."},
        "form": {"enum": list(FORMS), "description": "Which form a page with `layout: form` shows."},
        "embed": {**_TEXT, "description": "Id of the embedded service a page shows."},
        "source_digest": {
            **_TEXT,
            "description": "Overrides only: digest of the English text they were made from, in quotes.",
        },
    },
}

#: The names `policysite schema` knows.
SCHEMAS: Mapping[str, Schema] = {"config": CONFIG, "front-matter": FRONT_MATTER, "glossary": GLOSSARY}

_EDITORS_DRAFT = "http://json-schema.org/draft-07/schema#"


def editor_schema(name: str) -> str:
    """The text of a schema for editors, as JSON; name: a key of SCHEMAS.

    In draft 07, which every editor reads: the schemas use no keyword that draft 2020-12 reads otherwise. What
    a pattern expects becomes `patternErrorMessage`: yaml-language-server shows it instead of the pattern.
    """
    return json.dumps(
        {**_for_editors(SCHEMAS[name]), "$schema": _EDITORS_DRAFT}, ensure_ascii=False, indent=2
    )


def _for_editors(node: Any) -> Any:
    if isinstance(node, Mapping):
        found = {key: _for_editors(item) for key, item in node.items() if key != "expected"}
        if "expected" in node:
            found["patternErrorMessage"] = f"expected {node['expected']}"
        return found
    return [_for_editors(item) for item in node] if isinstance(node, list) else node


_TYPE_NAMES = {
    "object": "a group of keys",
    "array": "a list",
    "string": "a text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "null": "nothing",
}


_KINDS: Mapping[type, tuple[str, ...]] = {
    dict: ("object",),
    list: ("array",),
    str: ("string",),
    bool: ("boolean",),
    type(None): ("null",),
    int: ("integer", "number"),
    float: ("number",),
}

#: Words of a schema that only people and editors read.
_REMARKS = frozenset({"$schema", "title", "description", "expected"})


def fits(value: object, schema: Schema) -> bool:
    """Whether a value surely keeps a schema. False says nothing: there is a problem, or a word of JSON Schema
    that is not known here, and `jsonschema` has to tell."""
    kind = type(value)
    if kind not in _KINDS:
        return False
    return all(_keeps(value, kind, word, schema) for word in schema if word not in _REMARKS)


def _keeps(value: Any, kind: type, word: str, schema: Schema) -> bool:
    """Whether a value of a kind surely keeps one word of a schema. A word asks nothing of other kinds."""
    rule = schema[word]
    match word:
        case "type":
            wanted = [rule] if isinstance(rule, str) else rule
            return any(name in wanted for name in _KINDS[kind])
        case "enum":  # only texts: numbers and booleans are compared in ways of their own
            return kind is str and value in rule
        case "pattern":
            return kind is not str or re.search(rule, value) is not None
        case "minLength":
            return kind is not str or len(value) >= rule
        case "minimum":
            return kind not in (int, float) or value >= rule
        case "maximum":
            return kind not in (int, float) or value <= rule
        case "items":
            return kind is not list or all(fits(item, rule) for item in value)
        case "minItems":
            return kind is not list or len(value) >= rule
        case "uniqueItems":
            texts = kind is list and all(type(item) is str for item in value)
            return kind is not list or not rule or (texts and len(set(value)) == len(value))
        case "properties":
            return kind is not dict or all(fits(value[name], rule[name]) for name in rule if name in value)
        case "additionalProperties":
            others = value.keys() - schema.get("properties", {}).keys() if kind is dict else ()
            if isinstance(rule, bool):
                return rule or not others
            return all(fits(value[name], rule) for name in others)
        case "required":
            return kind is not dict or all(name in value for name in rule)
        case "minProperties":
            return kind is not dict or len(value) >= rule
        case "propertyNames":
            return kind is not dict or all(fits(name, rule) for name in value)
        case _:
            return False


def validate(document: Yaml, schema: Schema, what: str) -> tuple[Diagnostic, ...]:
    """All problems of a document against a schema. what: names the document in messages (`config`)."""
    if fits(document.value, schema):
        return ()
    from jsonschema import Draft202012Validator

    found: list[Diagnostic] = []
    for error in Draft202012Validator(schema).iter_errors(document.value):
        found.extend(_problems(document, error, what))
    return ordered(found)


def parse_valid(
    path: str, text: str, schema: Schema, what: str, line_offset: int = 0
) -> tuple[Yaml | None, tuple[Diagnostic, ...]]:
    """Parse a YAML document and hold it against its schema: (document, problems), no document with problems.
    line_offset: as of `parse_yaml`."""
    document, problems = parse_yaml(path, text, line_offset)
    if document is not None:
        problems = validate(document, schema, what)
    return (None if problems else document), problems


def _problems(document: Yaml, error: Any, what: str) -> Iterator[Diagnostic]:
    path = list(error.absolute_path)
    where = ".".join(str(part) for part in path)
    here = document.at(*path)
    label = f"“{where}”" if where else what
    if error.validator == "additionalProperties":
        known = error.schema.get("properties", {})
        for key in error.instance:
            if key not in known:
                hint = did_you_mean(str(key), known, f"known keys: {', '.join(sorted(known))}")
                yield problem("C101", document.at_key(*path, key), f"unknown key “{key}” in {label}", hint)
    elif error.validator == "required":
        for key in error.validator_value:
            if key not in error.instance:
                description = error.schema.get("properties", {}).get(key, {}).get("description", "")
                yield problem("C103", here, f"{label} lacks “{key}”", f"add {key}: {description}".strip())
    elif error.validator == "type":
        allowed = (
            error.validator_value if isinstance(error.validator_value, list) else [error.validator_value]
        )
        expected = " or ".join(_TYPE_NAMES[name] for name in allowed)
        yield problem("C102", here, f"{label} should be {expected}, not {_shown(error.instance)}", "")
    elif error.validator == "enum":
        allowed = [str(item) for item in error.validator_value]
        hint = did_you_mean(str(error.instance), allowed, f"one of: {', '.join(allowed)}")
        yield problem("C104", here, f"{label} cannot be {_shown(error.instance)}", hint)
    elif "propertyNames" in error.absolute_schema_path:
        name = str(error.instance)
        yield problem(
            "C104",
            document.at_key(*path, name),
            f"“{name}” cannot be a name here",
            f"use {error.schema['expected']}",
        )
    elif error.validator == "pattern":
        expected = error.schema.get("expected", error.validator_value)
        yield problem("C104", here, f"{label} cannot be {_shown(error.instance)}", f"expected {expected}")
    elif error.validator == "minLength":
        yield problem("C104", here, f"{label} is empty", "write a text here")
    else:
        yield problem("C104", here, f"{label}: {error.message}", error.schema.get("description", ""))


def _shown(value: object) -> str:
    if isinstance(value, dict):
        return "a group of keys"
    if isinstance(value, list):
        return "a list"
    if value is None:
        return "empty"
    return f"“{value}”" if isinstance(value, str) else str(value).lower()

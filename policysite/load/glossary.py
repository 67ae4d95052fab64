"""`translations/<locale>/glossary.yaml` → `Glossary`: English term → the forms its translation may have."""

from __future__ import annotations

import unicodedata
from typing import cast

from policysite.core.diagnostics import Diagnostic, problem
from policysite.core.model import Glossary, GlossaryTerm
from policysite.load.schema import GLOSSARY, parse_valid


def load_glossary(path: str, text: str, tag: str) -> tuple[Glossary | None, tuple[Diagnostic, ...]]:
    """Parse and validate the glossary of a language. Returns (glossary, problems); no glossary with problems.

    Terms that differ by their spaces only are one term (C003). Forms are compared in Unicode normal form C.
    """
    document, problems = parse_valid(path, text, GLOSSARY, "the glossary")
    if document is None:
        return None, problems
    raw = cast("dict[str, list[str]]", document.value or {})
    found: list[Diagnostic] = []
    terms: dict[str, tuple[str, ...]] = {}
    for term, forms in raw.items():
        text = " ".join(term.split())
        if not text:
            hint = "write the English word before the colon"
            found.append(problem("C104", document.at_key(term), "a term cannot be empty", hint))
        elif text in terms:
            hint = "put all forms into one list"
            found.append(problem("C003", document.at_key(term), f"“{text}” is written twice", hint))
        else:
            terms[text] = tuple(unicodedata.normalize("NFC", form) for form in forms)
    if found:
        return None, tuple(found)
    return Glossary(tag, path, tuple(GlossaryTerm(*item) for item in terms.items())), ()

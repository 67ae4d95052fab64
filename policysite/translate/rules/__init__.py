"""The rules on translations, by what they look at: markup, numbers, terms, wording, writing, catalogs."""

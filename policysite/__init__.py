"""policysite: legal and policy pages in many languages, with consent that can be proved."""

__version__ = "0.1.0"

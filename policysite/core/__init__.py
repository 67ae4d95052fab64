"""Values and vocabulary every stage shares. Imports nothing from the rest of the package."""

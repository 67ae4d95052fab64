"""Stage 5: bytes become a folder, atomically, with a manifest."""

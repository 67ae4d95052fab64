"""Stage 1: bytes of a project folder become a frozen `Project`."""

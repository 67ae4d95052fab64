"""Stage 4: planned pages become bytes."""

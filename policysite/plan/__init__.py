"""Stage 3: which pages exist, at which URL, in which language, and which assets they load."""

"""Stage 2: segments meet catalogs; what each language can say, and whether it says it rightly."""

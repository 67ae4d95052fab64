"""The peers: the same site as a project of each, how it is built, and where its pages are."""

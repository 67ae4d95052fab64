"""The shell around the pure core: read → run the pipeline → report → publish → exit code.

One function a command; each returns its exit code: 0 fine, 1 problems found. (2 usage and 3 bug are the
CLI's, 130 interrupted.) Text goes out through `Terminal`, so that tests and formats stay simple. The modules
are apart so that a command imports what it needs, which is most of what a small build takes.
"""

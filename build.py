"""The door for people without an install: `python build.py build` is `policysite build`."""

from policysite.cli import main

if __name__ == "__main__":
    main()

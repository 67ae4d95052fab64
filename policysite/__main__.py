"""`python -m policysite` is `policysite`."""

from policysite.cli import main

if __name__ == "__main__":
    main()

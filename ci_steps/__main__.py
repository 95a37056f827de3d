"""``python -m ci_steps`` is ``ci-steps``."""

from ci_steps.cli import main

if __name__ == "__main__":
    main()

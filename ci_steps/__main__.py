"""The process of ``ci-steps``, which ``python -m ci_steps`` is as well."""

from __future__ import annotations

import signal


def main() -> None:
    """Run the command that was typed, and end the process with its status.

    Before the command begins and after it has ended, Ctrl-C ends the process as SIGTERM does:
    there is nothing to undo, and no trace to show. A SIGINT that is ignored stays ignored.
    """
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    from ci_steps import cli  # takes most of the start

    cli.main()


if __name__ == "__main__":
    main()

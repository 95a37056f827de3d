"""Run one command and print, as JSON, what it cost: seconds, peak memory, exit status.

It is a program of its own and imports next to nothing, because Linux counts the memory of the
process that starts a command as the command's: started from here, `python3 -c pass` is not
charged for the benchmark.

    python -S bench/launch.py FOLDER KEPT SECONDS PROGRAM [ARGUMENT …]

What the command prints is kept in KEPT.out and KEPT.err. Its environment is this one. After SECONDS
it is killed, which its status says.
"""

from __future__ import annotations

import os
import signal
import sys
import time


def launch(folder: str, kept: str, longest_seconds: float, command: list[str]) -> None:
    """Run *command* in *folder* to its end, or to that of its time."""
    os.chdir(folder)
    writing = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
    streams = [
        (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
        (os.POSIX_SPAWN_OPEN, 1, f"{kept}.out", writing, 0o600),
        (os.POSIX_SPAWN_OPEN, 2, f"{kept}.err", writing, 0o600),
    ]
    began = time.perf_counter()
    pid = os.posix_spawn(command[0], command, os.environ, file_actions=streams)
    signal.signal(signal.SIGALRM, lambda *_: os.kill(pid, signal.SIGKILL))
    signal.setitimer(signal.ITIMER_REAL, longest_seconds)
    _, status, usage = os.wait4(pid, 0)
    seconds = time.perf_counter() - began
    # Kilobytes on Linux, bytes on macOS; the largest of the command and what it started.
    peak = usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    cpu = usage.ru_utime + usage.ru_stime
    print(
        f'{{"seconds": {seconds}, "cpu_seconds": {cpu}, "peak_bytes": {peak}, "status": {status}}}'
    )


if __name__ == "__main__":
    launch(sys.argv[1], sys.argv[2], float(sys.argv[3]), sys.argv[4:])

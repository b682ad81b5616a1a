"""Runs a command and prints its seconds by the wall and of the processor, its peak in KiB and its exit code.

It imports as little as it can: Linux starts the `ru_maxrss` of a process at the size of the one that called exec,
so only a small one can measure a small one.
"""

import os
import sys
import time

nowhere = os.open(os.devnull, os.O_RDWR)
begin = time.perf_counter()
silent = [(os.POSIX_SPAWN_DUP2, nowhere, number) for number in range(3)]
child = os.posix_spawnp(sys.argv[1], sys.argv[1:], os.environ, file_actions=silent)
_, status, usage = os.wait4(child, 0)
print(time.perf_counter() - begin, usage.ru_utime + usage.ru_stime, usage.ru_maxrss, os.waitstatus_to_exitcode(status))

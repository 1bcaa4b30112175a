"""Runs a program (arguments) and prints {wallMs, cpuMs, peakMb, output}: time of the whole process and its children,
CPU time of all its threads, peak resident memory as wait4 gives it."""
import json, os, subprocess, sys, time

started = time.perf_counter()
process = subprocess.Popen(sys.argv[1:], stdout=subprocess.PIPE)
output = process.stdout.read()
_, status, usage = os.wait4(process.pid, 0)
wall = time.perf_counter() - started
if status != 0:
    sys.exit(f'{sys.argv[1:3]} failed with status {status}')
print(json.dumps({
    'wallMs': 1000 * wall,
    'cpuMs': 1000 * (usage.ru_utime + usage.ru_stime),
    'peakMb': usage.ru_maxrss / 1024 * 1.048576,
    'output': output.decode(),
}))

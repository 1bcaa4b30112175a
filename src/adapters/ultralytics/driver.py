"""Runs one job of the trainer in a process of its own: `python driver.py job.json result.json`.

The job names a mode (train, export, validate, tensors). Progress goes to stdout as one JSON object a line, everything
that Ultralytics prints goes to the job's log, and the result file appears whole or not at all. A failure ends with an
`error` line that names its kind, and exit code 1.
"""

import json
import os
import sys
import threading
import traceback
from pathlib import Path


class JobError(Exception):
    """A failure that the caller can explain to people; `kind` is one of those the adapter knows."""

    def __init__(self, kind, message):
        super().__init__(message)
        self.kind = kind


def kind_of(error):
    text = str(error).lower()
    if isinstance(error, JobError):
        return error.kind
    if isinstance(error, MemoryError) or "out of memory" in text or "can't allocate memory" in text:
        return "out-of-memory"
    if isinstance(error, OSError) and error.errno == 28 or "no space left on device" in text:
        return "disk-full"
    if isinstance(error, FileNotFoundError):
        return "missing-file"
    return "crash"


def pin_environment(job, work):
    """Everything that must be set before torch and Ultralytics are imported."""
    threads = str(job["threads"])
    for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        os.environ[name] = threads
    # Threads that spin while they wait make a busy machine ten times slower.
    os.environ.update(OMP_WAIT_POLICY="PASSIVE", GOMP_SPINCOUNT="0", KMP_BLOCKTIME="0")
    os.environ.update(YOLO_OFFLINE="true", YOLO_AUTOINSTALL="false", YOLO_VERBOSE="true")
    os.environ.update(YOLO_CONFIG_DIR=str(work / "config"), MPLCONFIGDIR=str(work / "config/matplotlib"))
    os.environ.update(MPLBACKEND="agg", TQDM_DISABLE="1", CUBLAS_WORKSPACE_CONFIG=":4096:8")


def divert_output(log):
    """Sends stdout and stderr to the log; returns a stream on the real stdout for our own lines."""
    lines = os.fdopen(os.dup(1), "w", encoding="utf-8", buffering=1)
    sys.stdout.flush()
    sink = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
    os.dup2(sink, 1)
    os.dup2(sink, 2)
    os.close(sink)
    return lines


def end_with_parent():
    """Our stdin is a pipe that the parent holds open: it ends when the parent does, however that came about."""
    while os.read(0, 4096):
        pass
    os._exit(130)


def run(job, say):
    mode = job["mode"]
    if mode == "train":
        from training import train

        return train(job, say)
    if mode == "export":
        from exporting import export

        return export(job, say)
    if mode == "validate":
        from training import validate

        return validate(job)
    if mode == "tensors":
        from tensors import digest_of

        return {"tensors": digest_of(job["weights"])}
    raise JobError("bad-job", f"there is no mode {mode!r}")


def write_whole(path, value):
    part = Path(f"{path}.part")
    part.write_text(json.dumps(value, allow_nan=False), encoding="utf-8")
    os.replace(part, path)


def main(job_file, result_file):
    lines = sys.stdout
    try:
        job = json.loads(Path(job_file).read_text(encoding="utf-8"))
        if not isinstance(job, dict) or "mode" not in job:
            raise JobError("bad-job", "the job is not an object with a mode")
        work = Path(job["work"])
        work.mkdir(parents=True, exist_ok=True)
        pin_environment(job, work)
        lines = divert_output(job["log"])
        if job.get("watched"):
            threading.Thread(target=end_with_parent, daemon=True).start()
        result = run(job, lambda **event: print(json.dumps(event), file=lines, flush=True))
        write_whole(result_file, result)
        return 0
    except KeyError as error:
        if error.__traceback__ and error.__traceback__.tb_next is None:
            error = JobError("bad-job", f"the job lacks {error}")
        return fail(error, lines)
    except Exception as error:
        return fail(error, lines)


def fail(error, lines):
    traceback.print_exception(error)
    sys.stderr.flush()
    message = str(error).strip().split("\n")[0] or type(error).__name__
    print(json.dumps({"event": "error", "kind": kind_of(error), "message": message}), file=lines, flush=True)
    return 1


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit("usage: driver.py JOB.json RESULT.json")
    sys.modules["driver"] = sys.modules["__main__"]
    sys.exit(main(sys.argv[1], sys.argv[2]))

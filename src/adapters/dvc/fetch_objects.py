"""Copies objects of a DVC remote into folders: a job as JSON on each line of stdin, an answer on a line of stdout.

Only DVC's configuration and file systems are loaded, not its repository: that takes a sixth of the time. The first line
names the configuration's folder and the remote; each further line has "paths" and "into", and is answered with
{"missing": [...]}. {"error": "..."} is the answer when the remote cannot be reached or refuses, {"needs": N, "free": N}
when what is asked for would not fit: then nothing was copied.
"""

import json
import os
import shutil
import sys
from concurrent.futures import ThreadPoolExecutor


def open_remote(settings):
    from dvc.config import Config
    from dvc.fs import get_cloud_fs

    config = Config(dvc_dir=settings["dvc"], validate=True)
    cls, options, root = get_cloud_fs(config, name=settings["remote"])
    for name in ("tmp_dir", "worktree", "verify"):
        options.pop(name, None)
    return cls(**options), root


def copy_all(fs, root, job, pool):
    missing = []

    def copy(path):
        target = os.path.join(job["into"], path)
        os.makedirs(os.path.dirname(target), exist_ok=True)
        try:
            fs.get_file(fs.join(root, *path.split("/")), target)
        except FileNotFoundError:
            missing.append(path)

    list(pool.map(copy, job["paths"]))
    return missing


MOST_ASKED = 64
LEFT_FREE = 256 * 2**20


def lack_of_room(fs, root, job, pool):
    """Bytes that are asked for and bytes that are free when they do not fit; the sizes of many are told from some."""
    paths = job["paths"]

    def size(path):
        try:
            return fs.size(fs.join(root, *path.split("/"))) or 0
        except FileNotFoundError:
            return 0

    asked = paths[:: max(1, len(paths) // MOST_ASKED)]
    needs = sum(pool.map(size, asked)) * len(paths) // max(1, len(asked))
    free = shutil.disk_usage(job["into"]).free
    return {"needs": needs, "free": free} if needs + LEFT_FREE > free and needs > 0 else None


def main():
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    # Whatever a library prints is no answer.
    os.dup2(2, 1)
    remote = None
    with ThreadPoolExecutor(max_workers=16) as pool:
        settings = json.loads(sys.stdin.readline())
        for line in sys.stdin:
            try:
                remote = remote or open_remote(settings)
                job = json.loads(line)
                answer = lack_of_room(*remote, job, pool) or {"missing": copy_all(*remote, job, pool)}
            except Exception as error:  # The caller tells people; a stack trace would tell them nothing.
                answer = {"error": f"{type(error).__name__}: {error}"}
            answers.write(json.dumps(answer) + "\n")


main()

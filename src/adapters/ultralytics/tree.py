"""The trainer's own copy of a data set, rendered from the job alone: no data.yaml of a proposal is ever read."""

import json
import os
import shutil
from pathlib import Path

from driver import JobError


def label_of(image):
    """Where Ultralytics looks for an image's labels: the last /images/ becomes /labels/."""
    head, found, tail = image.replace(os.sep, "/").rpartition("/images/")
    return str(Path(f"{head}/labels/{tail}" if found else image).with_suffix(".txt"))


def render(job, work):
    """Builds images/ and labels/ below `work` and returns the data.yaml.

    Ultralytics writes caches beside labels and rewrites JPEGs that lack their end marker, so that nothing of the data
    set itself is handed to it to write: labels are copied, images are linked, and a JPEG it would rewrite is copied.
    Files are numbered in the job's order, because the trainer sorts by path. No validation list: train is validated.
    """
    train = place(work, "train", job["train"], job.get("labels"))
    val = place(work, "val", job["val"], None) if job["val"] else train
    names = {index: name for index, name in enumerate(job["classes"])}
    data = work / "data.yaml"
    # JSON is YAML, and quotes any class name.
    data.write_text(json.dumps({"path": str(work), "train": str(train), "val": str(val), "names": names}), "utf-8")
    return data


def place(work, split, images, labels):
    listed = []
    (work / "images" / split).mkdir(parents=True)
    (work / "labels" / split).mkdir(parents=True)
    for index, image in enumerate(images):
        source = Path(image)
        if not source.is_file():
            raise JobError("missing-image", f"{image} is not there")
        target = work / "images" / split / f"{index:07d}{source.suffix.lower()}"
        if would_be_rewritten(source):
            shutil.copyfile(source, target)
        else:
            link(source, target)
        label = Path(labels[index] if labels else label_of(image))
        if label.is_file():
            shutil.copyfile(label, work / "labels" / split / f"{index:07d}.txt")
        listed.append(str(target))
    path = work / f"{split}.txt"
    path.write_text("".join(f"{line}\n" for line in listed), encoding="utf-8")
    return path


def would_be_rewritten(source):
    if source.suffix.lower() not in (".jpg", ".jpeg", ".mpo"):
        return False
    with source.open("rb") as file:
        file.seek(0, os.SEEK_END)
        file.seek(-min(2, file.tell()), os.SEEK_END)
        return file.read() != b"\xff\xd9"


def link(source, target):
    try:
        target.symlink_to(source.resolve())
    except OSError:
        shutil.copyfile(source, target)

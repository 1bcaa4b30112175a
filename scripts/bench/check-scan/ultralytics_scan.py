"""Ultralytics' own scan of images and labels in its own thread pool, without its cache; imports are part of the run."""

import json
import os
import sys
from multiprocessing.pool import ThreadPool
from pathlib import Path

from ultralytics.data.utils import img2label_paths, verify_image_label

root, class_count = Path(sys.argv[1]), int(sys.argv[2])
images = sorted(str(path) for path in (root / "images").rglob("*.*"))
jobs = [(i, label, "", False, class_count, 0, 0, False) for i, label in zip(images, img2label_paths(images))]
with ThreadPool(min(8, max(1, (os.cpu_count() or 2) - 1))) as pool:
    refused = sum(answer[0] is None for answer in pool.imap(verify_image_label, jobs))
print(json.dumps({"bad": refused}))

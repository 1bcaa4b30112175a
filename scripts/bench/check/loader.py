"""Ultralytics' own check of images and labels, on as many threads as it would use; answers a line of JSON a request."""

import json
import os
import sys
import time
from multiprocessing.pool import ThreadPool
from pathlib import Path

from ultralytics.data.utils import img2label_paths, verify_image_label

root, class_count = Path(sys.argv[1]), int(sys.argv[2])
for _ in sys.stdin:
    start = time.perf_counter()
    images = sorted(str(path) for path in (root / "images").rglob("*.*"))
    jobs = [(i, label, "", False, class_count, 0, 0, False) for i, label in zip(images, img2label_paths(images))]
    boxes, refused = 0, []
    with ThreadPool(min(8, max(1, (os.cpu_count() or 2) - 1))) as pool:
        for image, answer in zip(images, pool.imap(verify_image_label, jobs)):
            if answer[0] is None:
                refused.append(Path(image).stem)
            else:
                boxes += len(answer[1])
    ms = (time.perf_counter() - start) * 1000
    print(json.dumps({"ms": ms, "boxes": boxes, "refused": sorted(refused)}), flush=True)

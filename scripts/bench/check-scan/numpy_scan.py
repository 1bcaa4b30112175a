"""The label half of a trainer's scan with numpy: read, split, float32, range and class checks, unique rows; one thread."""

import json
import os
import sys
import time

import numpy as np

root, class_count = sys.argv[1], int(sys.argv[2])
start = time.perf_counter()
files = sorted(os.path.join(at, name) for at, _, names in os.walk(os.path.join(root, "labels")) for name in names)
boxes = bad = duplicated = empty = 0
for file in files:
    try:
        with open(file, encoding="utf-8") as handle:
            rows = [line.split() for line in handle.read().strip().splitlines() if line]
        if any(len(row) > 6 for row in rows):
            raise ValueError("polygons")
        table = np.array(rows, dtype=np.float32)
        count = len(table)
        if count == 0:
            empty += 1
            continue
        assert table.shape[1] == 5
        assert table[:, 1:].max() <= 1.01 and table.min() >= -0.01
        assert table[:, 0].max() < class_count
        _, first = np.unique(table, axis=0, return_index=True)
        if len(first) < count:
            duplicated += 1
        boxes += len(first)
    except (ValueError, AssertionError):
        bad += 1
ms = (time.perf_counter() - start) * 1000
print(json.dumps({"ms": ms, "boxes": boxes, "bad": bad, "duplicated": duplicated, "empty": empty}))

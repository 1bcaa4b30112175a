"""Runs Ultralytics' own label check over a folder of label files; prints one JSON object by file name."""

import json
import sys
from pathlib import Path

from PIL import Image
from ultralytics.data.utils import verify_image_label

folder, class_count = Path(sys.argv[1]), int(sys.argv[2])
points, dims = (int(sys.argv[3]), int(sys.argv[4])) if len(sys.argv) > 4 else (0, 0)
image = folder / "image.png"
Image.new("RGB", (32, 32)).save(image)
answers = {}
for label in sorted(folder.glob("*.txt")):
    found = verify_image_label((str(image), str(label), "", points > 0, class_count, points, dims, False))
    rows = None if found[0] is None else found[1].tolist()
    answers[label.name] = {"rows": rows, "message": str(found[9])[:200]}
print(json.dumps(answers))

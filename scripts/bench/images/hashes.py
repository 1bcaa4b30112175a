"""For each line on stdin: the imagehash perceptual hash of every image of a folder, in order of names."""
import json
import os
import sys
import time

import imagehash
from PIL import Image

folder = sys.argv[1]
files = sorted(os.listdir(folder))
for _ in sys.stdin:
    start = time.perf_counter()
    hashes = []
    for name in files:
        with Image.open(os.path.join(folder, name)) as image:
            hashes.append(imagehash.phash(image))
    ms = (time.perf_counter() - start) * 1000
    print(json.dumps({"ms": ms, "hashes": [str(value) for value in hashes]}), flush=True)

"""For each radius on stdin: all pairs of 64-bit hashes of a file within that radius, by faiss's flat binary index."""
import json
import sys
import time

import faiss
import numpy as np

hashes = np.fromfile(sys.argv[1], dtype=np.uint8).reshape(-1, 8)
faiss.omp_set_num_threads(int(sys.argv[2]))
for line in sys.stdin:
    radius, out = line.split()
    start = time.perf_counter()
    index = faiss.IndexBinaryFlat(64)
    index.add(hashes)
    limits, distances, others = index.range_search(hashes, int(radius) + 1)
    ms = (time.perf_counter() - start) * 1000
    own = np.repeat(np.arange(len(hashes)), np.diff(limits).astype(np.int64))
    keep = (own < others) & (distances <= int(radius))
    pairs = np.stack([own[keep], others[keep], distances[keep].astype(np.int64)], axis=1)
    pairs = pairs[np.lexsort((pairs[:, 1], pairs[:, 0]))]
    pairs.astype(np.uint32).tofile(out)
    print(json.dumps({"ms": ms, "pairs": len(pairs)}), flush=True)

"""Difference of two DVC folder objects with json and dict; answers a line of JSON for each line read."""
import hashlib, json, sys, time


def load(path):
    with open(path, encoding="utf8") as file:
        return {entry["relpath"]: entry["md5"] for entry in json.load(file)}


def diff(base, head):
    a, b = load(base), load(head)
    removed = [path for path in a if path not in b]
    added = [path for path in b if path not in a]
    modified = [path for path in a if path in b and a[path] != b[path]]
    gone = {}
    for path in sorted(removed):
        gone.setdefault(a[path], []).append(path)
    renamed = []
    for path in sorted(added):
        if gone.get(b[path]):
            renamed.append(gone[b[path]].pop(0) + " " + path)
    old = {pair.split(" ")[0] for pair in renamed}
    new = {pair.split(" ")[1] for pair in renamed}
    return [[p for p in added if p not in new], [p for p in removed if p not in old], modified, renamed]


for line in sys.stdin:
    start = time.perf_counter()
    result = diff(*sys.argv[1:3])
    ms = (time.perf_counter() - start) * 1000
    digest = hashlib.sha256("\n".join(" ".join(sorted(part)) for part in result).encode()).hexdigest()
    print(json.dumps({"ms": ms, "counts": [len(part) for part in result], "digest": digest}), flush=True)

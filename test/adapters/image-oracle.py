"""Says of each image of a folder, as JSON: its size where Pillow opens it, whether it verifies, whether it loads."""
import json
import os
import sys
import warnings

from PIL import Image

warnings.simplefilter("ignore")
Image.MAX_IMAGE_PIXELS = None


def attempt(path, work):
    try:
        with Image.open(path) as image:
            return work(image)
    except Exception:
        return None


answers = {}
for name in sorted(os.listdir(sys.argv[1])):
    path = os.path.join(sys.argv[1], name)
    answers[name] = {
        "size": attempt(path, lambda image: list(image.size)),
        "verifies": attempt(path, lambda image: image.verify() or True) or False,
        "loads": attempt(path, lambda image: bool(image.load())) or False,
    }
json.dump(answers, sys.stdout)

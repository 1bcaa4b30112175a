"""Answers of the reference implementation: job.json in the folder says what, raw files hold the data."""

import json
import os
import sys

folder = sys.argv[1]
os.environ.update(YOLO_CONFIG_DIR=folder, YOLO_OFFLINE="true", YOLO_AUTOINSTALL="false", OMP_NUM_THREADS="1")
import numpy as np
import torch
from ultralytics.data.augment import LetterBox
from ultralytics.utils.nms import non_max_suppression
from ultralytics.utils.ops import scale_boxes

torch.set_num_threads(1)
job = json.load(open(f"{folder}/job.json"))
for i, (width, height, size) in enumerate(job["pictures"]):
    image = np.fromfile(f"{folder}/picture{i}.bin", np.uint8).reshape(height, width, 3)
    LetterBox(new_shape=(size, size))(image=image).tofile(f"{folder}/letterboxed{i}.bin")
found = []
for i, head in enumerate(job["heads"]):
    if head.get("ties"):
        import torchvision  # noqa: F401  once loaded its suppression is taken, whose order of equal scores is defined
    output = torch.from_numpy(np.fromfile(f"{folder}/head{i}.bin", np.float32)).reshape(1, *head["shape"])
    boxes = non_max_suppression(
        output, head["confidence"], head["iou"], multi_label=head["multiLabel"], max_det=head["maxDetections"]
    )[0]
    scale_boxes((head["size"], head["size"]), boxes[:, :4], (head["height"], head["width"]))
    found.append(boxes.tolist())
json.dump(found, open(f"{folder}/found.json", "w"))

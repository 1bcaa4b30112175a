"""A small detector with drawn weights, exported to ONNX, and what Ultralytics' own predict() finds with each file."""

import json
import os
import sys

folder = sys.argv[1]
os.environ.update(YOLO_CONFIG_DIR=folder, YOLO_OFFLINE="true", YOLO_AUTOINSTALL="false", OMP_NUM_THREADS="1")
import cv2
import numpy as np
import torch
from ultralytics import YOLO

torch.set_num_threads(1)
torch.manual_seed(3)
draw = np.random.default_rng(7)
definition = """
nc: 4
end2end: True
reg_max: 8
scales:
  n: [0.33, 0.125, 1024]
backbone:
  - [-1, 1, Conv, [64, 3, 2]]
  - [-1, 1, Conv, [128, 3, 2]]
  - [-1, 1, C2f, [128, True]]
  - [-1, 1, Conv, [256, 3, 2]]
  - [-1, 1, Conv, [512, 3, 2]]
head:
  - [[3, 4], 1, Detect, [nc]]
"""
path = f"{folder}/yolo11n.yaml"
open(path, "w").write(definition)
model = YOLO(path, task="detect")
model.model.names = {0: "person", 1: "helmet", 2: "driver's seat", 3: 'a "tool"'}
for module in model.model.modules():
    if isinstance(module, torch.nn.BatchNorm2d):
        module.running_mean.normal_(0, 0.1)
        module.weight.data.uniform_(0.5, 1.5)
        module.bias.data.normal_(0, 0.2)
head = model.model.model[-1]
for name in ("cv3", "one2one_cv3"):
    for branch in getattr(head, name):
        branch[-1].bias.data.normal_(-1, 1)
        branch[-1].weight.data.normal_(0, 0.5)
for name in ("cv2", "one2one_cv2"):
    for branch in getattr(head, name):
        branch[-1].weight.data.normal_(0, 0.5)
model.save(f"{folder}/model.pt")
pictures = []
for i, (width, height) in enumerate([(160, 160), (320, 200), (97, 211), (641, 480)]):
    coarse = (draw.random((9, 9, 3)) * 255).astype(np.uint8)
    file = f"{folder}/picture{i}.png"
    cv2.imwrite(file, cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC))
    pictures.append(file)
answer = {"pictures": pictures, "found": {}}
for name, arguments in {"raw": {}, "end-to-end": {"nms": False}}.items():
    exported = YOLO(f"{folder}/model.pt").export(format="onnx", imgsz=160, opset=17, simplify=False, **arguments)
    file = f"{folder}/{name}.onnx"
    os.rename(exported, file)
    detector = YOLO(file, task="detect")
    results = [detector.predict(p, imgsz=160, conf=0.25, iou=0.7, device="cpu", verbose=False)[0] for p in pictures]
    answer["found"][name] = [result.boxes.data.tolist() for result in results]
json.dump(answer, open(f"{folder}/answer.json", "w"))

"""The reference's way from picture in memory to boxes: `make FOLDER SIZE` exports a model, `run FOLDER SIZE` times it."""

import json
import os
import sys
import time

mode, folder, size = sys.argv[1], sys.argv[2], int(sys.argv[3])
os.environ.update(YOLO_CONFIG_DIR=folder, YOLO_OFFLINE="true", YOLO_AUTOINSTALL="false", OMP_NUM_THREADS="1")
import numpy as np
import torch

torch.set_num_threads(1)
width, height = 960, 960


def make():
    from ultralytics import YOLO

    torch.manual_seed(1)
    model = YOLO("yolov8n.yaml")
    # Untrained, all scores are alike and suppression is a lottery: drawn statistics spread them.
    for module in model.model.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.running_mean.normal_(0, 0.1)
            module.weight.data.uniform_(0.5, 1.5)
            module.bias.data.normal_(0, 0.2)
    for branch in model.model.model[-1].cv3:
        branch[-1].bias.data.normal_(-4, 1)
        branch[-1].weight.data.normal_(0, 0.5)
    model.save(f"{folder}/model.pt")
    exported = YOLO(f"{folder}/model.pt").export(format="onnx", imgsz=size, opset=17, verbose=False)
    os.rename(exported, f"{folder}/model.onnx")


def run():
    import cv2
    import onnxruntime
    from ultralytics.data.augment import LetterBox
    from ultralytics.utils.nms import non_max_suppression
    from ultralytics.utils.ops import scale_boxes

    cv2.setNumThreads(1)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(f"{folder}/model.onnx", options, providers=["CPUExecutionProvider"])
    letterbox = LetterBox((size, size))
    images = [np.fromfile(f"{folder}/{i}.bin", np.uint8).reshape(height, width, 3) for i in range(8)]
    files = [np.fromfile(f"{folder}/{i}.jpg", np.uint8) for i in range(8)]
    times, boxes = {"decode": [], "preprocess": [], "inference": [], "postprocess": []}, []
    for i in range(-12, 24):
        image = images[i % 8]
        opened = time.perf_counter()
        cv2.imdecode(files[i % 8], cv2.IMREAD_COLOR)
        started = time.perf_counter()
        square = letterbox(image=image)
        tensor = np.ascontiguousarray(square.transpose(2, 0, 1)[None]).astype(np.float32) / 255
        prepared = time.perf_counter()
        output = session.run(None, {"images": tensor})[0]
        inferred = time.perf_counter()
        found = non_max_suppression(torch.from_numpy(output), 0.05, 0.7)[0]
        scale_boxes((size, size), found[:, :4], (height, width))
        ended = time.perf_counter()
        if i < 0:
            continue
        for name, seconds in zip(times, (started - opened, prepared - started, inferred - prepared, ended - inferred)):
            times[name].append(1000 * seconds)
        if i < 8:
            boxes.append(found.tolist())
    print(json.dumps({"ms": {name: float(np.median(values)) for name, values in times.items()}, "boxes": boxes}))


{"make": make, "run": run}[mode]()

"""The reference's way to boxes: `make FOLDER SIZE` exports a model, `run FOLDER SIZE` times each part of one picture's way,
`whole FOLDER SIZE` times 200 files one after the other, with OpenCV's own suppression, the fastest there is in Python."""

import json
import os
import resource
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


def opened_session():
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(f"{folder}/model.onnx", options, providers=["CPUExecutionProvider"])


def run():
    import cv2
    from ultralytics.data.augment import LetterBox
    from ultralytics.utils.nms import non_max_suppression
    from ultralytics.utils.ops import scale_boxes

    cv2.setNumThreads(1)
    session = opened_session()
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


def whole():
    import cv2
    from ultralytics.data.augment import LetterBox

    cv2.setNumThreads(1)
    session = opened_session()
    letterbox = LetterBox((size, size))
    peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    boxes, half = [], 0
    for i in range(-12, 200):
        if i == 0:
            started, used = time.perf_counter(), time.process_time()
        image = cv2.cvtColor(cv2.imread(f"{folder}/{i % 8}.jpg"), cv2.COLOR_BGR2RGB)
        square = letterbox(image=image)
        tensor = np.ascontiguousarray(square.transpose(2, 0, 1)[None]).astype(np.float32) / 255
        output = session.run(None, {"images": tensor})[0][0]
        scores = output[4:].max(0)
        likely = np.flatnonzero(scores > 0.05)
        scores, classes, places = scores[likely], output[4:, likely].argmax(0), output[:4, likely].T
        places = np.hstack((places[:, :2] - places[:, 2:] / 2, places[:, 2:]))
        kept = cv2.dnn.NMSBoxesBatched(places, scores, classes, 0.05, 0.7)[:300]
        found = np.hstack((places[kept, :2], places[kept, :2] + places[kept, 2:])) * (height / size)
        found = np.column_stack((found.clip(0, height), scores[kept], classes[kept]))
        if 0 <= i < 8:
            boxes.append(found.tolist())
        if i == 99:
            half = peak()
    ms = 1000 * (time.perf_counter() - started) / 200
    print(json.dumps({"ms": ms, "cpuMs": 1000 * (time.process_time() - used) / 200, "halfMiB": half, "peakMiB": peak(), "boxes": boxes}))


{"make": make, "run": run, "whole": whole}[mode]()

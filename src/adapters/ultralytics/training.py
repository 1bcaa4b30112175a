"""One training run: fixed updates, pinned threads, one validation at the end."""

import math
import os
import platform
import shutil
import time
from pathlib import Path

from driver import JobError
from offline import import_ultralytics
from tensors import digest_of
from tree import render

OURS = {
    "model", "data", "epochs", "time", "imgsz", "seed", "project", "name", "save_dir", "exist_ok", "resume", "cfg",
    "task", "mode", "fraction", "plots", "val", "save", "save_period", "verbose", "deterministic", "profile",
}  # fmt: skip


def train(job, say):
    started = time.monotonic()
    output, work = Path(job["output"]), Path(job["work"])
    if not Path(job["model"]).is_file():
        raise JobError("missing-file", f"the model {job['model']} is not there")
    taken = sorted(OURS & set(job["arguments"]))
    if taken:
        raise JobError("bad-job", f"these arguments are set by the job itself: {', '.join(taken)}")
    ultralytics = import_ultralytics(job["threads"])
    data = render(job, work)
    started_from = digest_of(job["model"]) if job["model"].endswith(".pt") else None
    arguments = {
        "workers": 0, "plots": False, "val": False, "save": False, "exist_ok": True, "deterministic": True,
        "verbose": False, **job["arguments"],
        "data": str(data), "imgsz": job["imageSize"], "epochs": job["epochs"], "seed": job["seed"],
        "project": str(work), "name": "run",
    }  # fmt: skip
    model = ultralytics.YOLO(job["model"], task="detect")
    watch = Watch(job, say)
    for event in ("on_train_start", "on_train_batch_end", "on_train_epoch_end"):
        model.add_callback(event, getattr(watch, event))
    model.train(trainer=single_validation(), **arguments)
    trainer = model.trainer
    for name in ("last.pt", "best.pt"):
        publish(trainer.wdir / name, output / name)
    publish(trainer.csv, output / "results.csv")
    metrics = trainer.metrics
    return {
        "best": str(output / "best.pt"), "last": str(output / "last.pt"), "log": job["log"],
        "tensors": digest_of(output / "last.pt"), "startedFrom": started_from, "version": ultralytics.__version__,
        "environment": environment(ultralytics, trainer.device),
        "arguments": {**shown(vars(trainer.args)), "updates": watch.updates},
        "updates": watch.updates, "epochs": trainer.epoch + 1, "seconds": round(time.monotonic() - started, 3),
        "peakMemoryMiB": peak_memory_mib(trainer.device), "curve": watch.curve,
        "trainerMetrics": {"map50": finite(metrics["metrics/mAP50(B)"]), "map": finite(metrics["metrics/mAP50-95(B)"])},
    }  # fmt: skip


def single_validation():
    """The detection trainer without its second validation: stock Ultralytics validates the last epoch, then best.pt.

    Without validation during training no epoch is chosen by the validation set: best.pt is last.pt.
    """
    from ultralytics.models.yolo.detect import DetectionTrainer
    from ultralytics.utils.torch_utils import strip_optimizer

    class Trainer(DetectionTrainer):
        def final_eval(self):
            results = strip_optimizer(self.last).get("train_results")
            strip_optimizer(self.best, updates={"train_results": results})

    return Trainer


class Watch:
    """Counts optimizer updates, stops at the budget, and tells each epoch's losses."""

    def __init__(self, job, say):
        self.job, self.say, self.updates, self.curve = job, say, 0, []

    def on_train_start(self, trainer):
        kept = {Path(file).name for file in trainer.train_loader.dataset.im_files}
        given = [f"{index:07d}{Path(image).suffix.lower()}" for index, image in enumerate(self.job["train"])]
        dropped = [image for image, name in zip(self.job["train"], given) if name not in kept]
        if dropped:
            raise JobError("dropped-image", f"the trainer refuses {len(dropped)} image(s), the first is {dropped[0]}")
        step, trainer_step = trainer.optimizer_step, self

        def counted():
            step()
            trainer_step.updates += 1

        trainer.optimizer_step = counted
        self.say(event="start", epochs=trainer.epochs, batches=len(trainer.train_loader))

    def on_train_batch_end(self, trainer):
        if trainer.batch_size != trainer.args.batch or trainer._oom_retries:
            raise JobError("out-of-memory", "the trainer ran out of memory and would have halved the batch")
        if self.job.get("updates") and self.updates >= self.job["updates"]:
            # Only the last epoch saves; whichever that turns out to be.
            trainer.stop = trainer.args.save = True

    def on_train_epoch_end(self, trainer):
        loss = {key.removesuffix("_loss"): float(value) for key, value in trainer.tloss.items()}
        if not all(math.isfinite(value) for value in loss.values()):
            raise JobError("diverged", f"a loss of epoch {trainer.epoch + 1} is not a number")
        rate = max(group["lr"] for group in trainer.optimizer.param_groups)
        row = {
            "epoch": trainer.epoch + 1, "boxLoss": round(loss.get("box", 0), 5), "classLoss": round(loss.get("cls", 0), 5),
            "dflLoss": round(loss.get("dfl", 0), 5), "learningRate": round(rate, 9),
        }  # fmt: skip
        self.curve.append(row)
        self.say(event="epoch", epochs=trainer.epochs, updates=self.updates, **row)


def validate(job):
    """The trainer's own validation (multi-label NMS, its own AP): for comparison, never for a gate."""
    ultralytics = import_ultralytics(job["threads"])
    work = Path(job["work"])
    if not Path(job["model"]).is_file():
        raise JobError("missing-file", f"the model {job['model']} is not there")
    data = render({**job, "train": job["images"], "val": []}, work)
    metrics = ultralytics.YOLO(job["model"], task="detect").val(
        data=str(data), imgsz=job["imageSize"], batch=8, workers=0, device="cpu", plots=False, rect=False,
        project=str(work), name="val", exist_ok=True, verbose=False,
    )  # fmt: skip
    per_class = [0.0] * len(job["classes"])
    for index, value in zip(metrics.box.ap_class_index, metrics.box.ap):
        per_class[int(index)] = finite(value)
    return {"map50": finite(metrics.box.map50), "map": finite(metrics.box.map), "perClass": per_class}


def publish(source, target):
    part = target.with_name(f"{target.name}.part")
    shutil.copyfile(source, part)
    os.replace(part, target)


def environment(ultralytics, device):
    import numpy
    import torch

    return {
        "python": platform.python_version(), "torch": torch.__version__, "numpy": numpy.__version__,
        "ultralytics": ultralytics.__version__, "threads": str(torch.get_num_threads()), "device": str(device),
        "system": f"{platform.system()} {platform.machine()}", "blas": "mkl" if torch.backends.mkl.is_available() else "other",
    }  # fmt: skip


def peak_memory_mib(device):
    if device.type == "cuda":
        import torch

        return round(torch.cuda.max_memory_allocated(device) / 2**20)
    try:
        import resource
    except ImportError:
        return 0
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return round(peak / 2**20 if platform.system() == "Darwin" else peak / 2**10)


def finite(value):
    value = float(value)
    return round(value, 6) if math.isfinite(value) else 0.0


def shown(arguments):
    """Every effective argument but paths of this machine, which would make equal runs look different."""
    paths = {"data", "project", "name", "save_dir", "model", "cfg", "source", "mode", "task"}
    kept = {key: value for key, value in arguments.items() if key not in paths and value is not None}
    return {key: value if isinstance(value, (bool, int, float, str, list)) else str(value) for key, value in kept.items()}

"""Ultralytics without its side effects: no look-ups, no telemetry, no trackers, a settings file of our own."""

TRACKERS = ("clearml", "comet", "dvc", "mlflow", "raytune", "tensorboard", "wandb")


def import_ultralytics(threads):
    """The imported package with its settings silenced and its thread count pinned."""
    import torch
    import ultralytics
    import ultralytics.data.utils as data_utils
    import ultralytics.utils.checks as checks
    import ultralytics.utils.torch_utils as torch_utils
    import ultralytics.utils.tqdm as bars

    settings = ultralytics.settings
    settings.update({"sync": False, "uuid": "0", **{key: False for key in TRACKERS if key in settings}})
    # select_device resets torch to this number, so that OMP_NUM_THREADS alone does not hold.
    torch_utils.NUM_THREADS = threads
    torch.set_num_threads(threads)
    # Deterministic mode fills every new tensor first; no operation here reads memory that it has not written.
    torch.utils.deterministic.fill_uninitialized_memory = False
    # Every data set check would load matplotlib and then fetch a font that only plots need.
    data_utils.check_font = checks.check_font = lambda *_: None
    # A log is no terminal: one line a bar instead of hundreds of redraws.
    bars.is_noninteractive_console = lambda: True
    return ultralytics

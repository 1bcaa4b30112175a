"""The identity of weights: two `.pt` files of one run differ in their date, their tensors do not."""

import hashlib


def digest_of(path):
    """SHA-256 over the sorted (name, dtype, shape, bytes) of a checkpoint's tensors, as lower-case hex."""
    # Runs whatever the pickle says: only weights of our own runs may come here.
    import torch

    checkpoint = torch.load(path, map_location="cpu", weights_only=False)
    model = checkpoint.get("ema") or checkpoint["model"]
    digest = hashlib.sha256()
    for name, tensor in sorted(model.state_dict().items()):
        array = tensor.detach().contiguous().cpu()
        digest.update(f"{name}\n{array.dtype}\n{tuple(array.shape)}\n".encode())
        digest.update(array.view(torch.uint8).numpy().tobytes() if array.dim() else array.numpy().tobytes())
    return digest.hexdigest()

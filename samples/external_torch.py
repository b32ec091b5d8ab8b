"""A PyTorch trainer that lepton-tui can run as a version beside its own (Debian: apt-get install python3-torch).

    {"name": "torch", "learner": "external", "command": ["/usr/bin/python3", "external_torch.py"], "epochs": 3}

All it does for lepton is print lines of JSON; `print` suffices, since lepton sets PYTHONUNBUFFERED. After each
epoch it gives its weights, so that they can be compressed, fused and promoted, and so that it can go on from
them when it is started again.
"""

import gzip
import json
import os
import struct
import time

import numpy
import torch
from torch import nn
from torch.nn import functional

NAME = os.environ.get("LEPTON_VERSION", "torch")
SEED = int(os.environ.get("LEPTON_SEED", "1"))
EPOCHS = int(os.environ.get("LEPTON_EPOCHS", "3"))
BATCH = int(os.environ.get("LEPTON_BATCH_SIZE", "128"))
CONFIG = json.loads(os.environ.get("LEPTON_CONFIG", "{}"))
DATA = os.environ.get("LEPTON_DATA", "../data/mnist")
RATE = CONFIG.get("settings", {}).get("learning_rate", 0.001)
KEPT = os.path.join(os.environ.get("TMPDIR", "/tmp"), f"lepton-{os.getuid()}-{NAME.replace('/', '_')}-{SEED}.safetensors")


def read(name):
    """One of MNIST's files, plain or .gz, as an array of bytes."""
    path = os.path.join(DATA, name)
    with open(path, "rb") if os.path.exists(path) else gzip.open(path + ".gz") as file:
        raw = file.read()
    rank = raw[3]
    return numpy.frombuffer(raw, numpy.uint8, offset=4 + 4 * rank).reshape(struct.unpack(f">{rank}I", raw[4 : 4 + 4 * rank]))


def images_and_labels(kind):
    images = torch.tensor(read(f"{kind}-images-idx3-ubyte")).unsqueeze(1) / 255.0
    return images, torch.tensor(read(f"{kind}-labels-idx1-ubyte"), dtype=torch.long)


def keep(model, path):
    """A safetensors file, written aside and renamed so that nobody reads half of one."""
    header, blobs, at = {}, [], 0
    for name, tensor in model.state_dict().items():
        blob = tensor.numpy().astype("<f4").tobytes()
        header[name] = {"dtype": "F32", "shape": list(tensor.shape), "data_offsets": [at, at + len(blob)]}
        blobs.append(blob)
        at += len(blob)
    text = json.dumps(header).encode()
    with open(path + ".part", "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + b"".join(blobs))
    os.replace(path + ".part", path)


def load(model, path):
    with open(path, "rb") as file:
        raw = file.read()
    (length,) = struct.unpack("<Q", raw[:8])
    state = {}
    for name, about in json.loads(raw[8 : 8 + length]).items():
        start, end = (8 + length + offset for offset in about["data_offsets"])
        state[name] = torch.tensor(numpy.frombuffer(raw[start:end], "<f4").reshape(about["shape"]).copy())
    model.load_state_dict(state)


def score(model, images, labels):
    with torch.no_grad():
        answers = torch.cat([model(part) for part in images.split(500)])
    loss = functional.cross_entropy(answers, labels).item()
    return loss, (answers.argmax(1) == labels).float().mean().item()


def main():
    torch.set_num_threads(1)  # leave cores for the other versions
    torch.manual_seed(SEED)
    images, labels = images_and_labels("train")
    split = len(images) - len(images) // 10
    per_epoch = (split + BATCH - 1) // BATCH
    model = nn.Sequential(nn.Conv2d(1, 16, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(16 * 13 * 13, 10))
    optimizer = torch.optim.Adam(model.parameters(), lr=RATE)
    first = int(os.environ.get("LEPTON_EPOCH", "0"))
    if first and os.path.exists(KEPT):
        load(model, KEPT)
        print(f"going on from epoch {first}")
    else:
        first = 0
    for epoch in range(first, EPOCHS):
        order = torch.randperm(split, generator=torch.Generator().manual_seed(SEED % 2**31 + epoch))
        for number, batch in enumerate(order.split(BATCH)):
            started = time.monotonic()
            answers = model(images[batch])
            loss = functional.cross_entropy(answers, labels[batch])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            done = epoch * per_epoch + number + 1
            print(json.dumps({
                "step": done,
                "epoch": round(done / per_epoch, 4),
                "loss": loss.item(),
                "accuracy": (answers.argmax(1) == labels[batch]).float().mean().item(),
                "samples_per_second": round(len(batch) / (time.monotonic() - started)),
            }))
        val_loss, val_accuracy = score(model, images[split:], labels[split:])
        keep(model, KEPT)
        print(json.dumps({"epoch": epoch + 1, "val_loss": val_loss, "val_accuracy": val_accuracy, "weights": KEPT}))
    test_loss, test_accuracy = score(model, *images_and_labels("t10k"))
    print(json.dumps({"test_loss": test_loss, "test_accuracy": test_accuracy}))


main()

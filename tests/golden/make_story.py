#!/usr/bin/env python3
"""Writes story.jsonl: what an engine said in three minutes of a made-up MNIST run. Fixed seed, rounded
figures, so that running it again gives the same bytes. The golden screens are drawn from this file."""
import base64
import json
import math
import random

START = 1700000000.0
STEPS = 422  # an epoch
random_stream = random.Random(7)
lines = []
serial = 0


def say(what, time, about=0, **members):
    global serial
    serial += 1
    event = {"type": what, "serial": serial, "time": round(START + time, 3), "version": about}
    event.update(members)
    lines.append((START + time, serial, event))


def layers(kind, width):
    if kind == "cnn":
        middle = [{"type": "Conv2D", "filters": width, "kernel_size": [3, 3], "activation": "relu"},
                  {"type": "MaxPooling2D", "pool_size": [2, 2]}, {"type": "Flatten"}]
    else:
        middle = [{"type": "Flatten"}, {"type": "Dense", "units": width, "activation": "relu"},
                  {"type": "Dense", "units": 100, "activation": "relu"}]
    return [{"type": "Input", "shape": [28, 28, 1]}] + middle + [{"type": "Dense", "units": 10, "activation": "softmax"}]


def config(kind, width, rate, epochs=10, batch=128):
    return json.dumps({"layers": layers(kind, width), "batch_size": batch, "epochs": epochs,
                       "optimizer": {"name": "adam", "learning_rate": rate}, "loss": "categorical_crossentropy"})


def version(time, id, name, parameters, hyper, parents=(), operation=None, bytes=None, epochs=10):
    say("version", time, id, name=name, learner="network", parents=list(parents),
        operation=json.dumps(operation or {"op": "train"}), hyperparameters=hyper, seed=1000 + id, priority=1,
        parameters=parameters, bytes=bytes or 4 * parameters, raw_bytes=4 * parameters, steps_per_epoch=STEPS,
        epochs=epochs)


def state(time, id, word, reason=None, step=0, seconds=0):
    say("state", time, id, state=word, reason=reason, step=step, seconds=seconds)


def digit(true, chance):
    """A picture of 12 x 12 pixels that nobody would take for a digit, but like itself: an arc and a stroke."""
    pixels = bytearray(144)
    for y in range(12):
        for x in range(12):
            far = abs(math.hypot(x - 5.5, y - 5.5) - 2 - true / 4)
            if far < 0.9 or (true % 2 and abs(x - y) < 1):
                pixels[12 * y + x] = min(255, int(255 * (1.2 - far / 1.5) * (0.8 + 0.2 * chance.random()))) if far < 1.5 else 200
    return base64.b64encode(bytes(pixels)).decode()


def mistakes(confusion, chance):
    """The surest first, down from 0.997."""
    wrong = [(t, s) for t in range(10) for s in range(10) if t != s for _ in range(confusion[t][s])]
    shown = []
    for i, (t, s) in enumerate(chance.sample(wrong, 60)):
        p = round(0.997 - 0.004 * i, 3)
        shown.append({"sample": chance.randrange(10000), "true": t, "said": s, "probability": p,
                      "of_true": round((1 - p) * 0.9, 4), "pixels": digit(t, chance)})
    return {"wrong": len(wrong), "shape": [12, 12, 1], "shown": shown}


def spread(name, count, middle, width, zeros=0, more=None):
    """A bell of 48 bins, with the zeros in the first where all is positive."""
    low, high = (0 if zeros else middle - 3 * width), middle + 3 * width
    at = [low + (high - low) * (i + 0.5) / 48 for i in range(48)]
    bell = [math.exp(-((x - middle) / width) ** 2 / 2) for x in at]
    bins = [round((count - zeros) * b / sum(bell)) for b in bell]
    bins[0] += zeros
    return {"name": name, **(more or {}), "count": sum(bins), "zeros": zeros, "odd": 0, "min": round(low, 5), "max": round(high, 5),
            "mean": round(middle, 5), "deviation": round(width, 5), "bins": bins}


def inside():
    return {"samples": 256,
            "tensors": [spread("conv2d/kernel", 288, 0.05, 0.1, more={"shape": [3, 3, 1, 32]}),
                        spread("conv2d/bias", 32, 0.01, 0.015, more={"shape": [32]}),
                        spread("dense/kernel", 54080, -0.0075, 0.031, more={"shape": [5408, 10]}),
                        spread("dense/bias", 10, -0.001, 0.015, more={"shape": [10]})],
            "layers": [spread("conv2d", 5537792, 0.1, 0.16, 1200000, {"units": 32, "idle": 3}),
                       spread("max_pooling2d", 1384448, 0.14, 0.19, 190000, {"units": 32, "idle": 3}),
                       spread("dense (logits)", 2560, -2.4, 3.7, more={"units": 10, "idle": 0})]}


def report(samples, right, seed):
    """Ten classes of about the same size; a wrong answer is mostly the neighbour."""
    chance = random.Random(seed)
    confusion = [[0] * 10 for _ in range(10)]
    for i in range(samples):
        true = i % 10
        if chance.random() > right:
            confusion[true][(true + chance.choice([1, 1, 1, 3, 7])) % 10] += 1
        else:
            confusion[true][true] += 1
    classes = []
    for c in range(10):
        found, there, said = confusion[c][c], sum(confusion[c]), sum(row[c] for row in confusion)
        classes.append({"name": str(c), "support": there, "precision": round(found / said, 4), "recall": round(found / there, 4),
                        "f1": round(2 * found / (there + said), 4), "auc": round(1 - (1 - found / there) / 9, 4)})
    return json.dumps({"samples": samples, "accuracy": sum(confusion[c][c] for c in range(10)) / samples, "top_5_accuracy": 0.9991,
                       "auc": 0.9975, "precision": 0.978, "recall": 0.978, "f1": 0.978, "classes": classes, "confusion": confusion,
                       "mistakes": mistakes(confusion, chance), "inside": inside()})


def loss_at(epoch, floor, speed):
    return floor + 2.2 * math.exp(-speed * epoch) + 0.25 * math.exp(-0.6 * epoch)


def train(id, begin, pace, until, floor, speed, points, diverge=None):
    """pace: wall seconds an epoch; until: epochs done at the end."""
    last_epoch = 0
    for i in range(1, points + 1):
        epoch = until * i / points
        step = int(epoch * STEPS)
        seconds = round(epoch * pace * 0.98, 2)
        loss = loss_at(epoch, floor, speed) * math.exp(random_stream.gauss(0, 0.09))
        if diverge and epoch > diverge:
            loss = loss * math.exp(9 * (epoch - diverge))
        accuracy = 1 - min(0.9, 0.30 * loss + 0.004) + random_stream.gauss(0, 0.004)
        rate = STEPS * 128 / pace * (1 + random_stream.gauss(0, 0.02))
        say("metric", begin + epoch * pace, id, step=step, epoch=round(epoch, 4), seconds=seconds, loss=round(loss, 5),
            accuracy=round(min(1, accuracy), 5), samples_per_second=round(rate, 1))
        while last_epoch + 1 <= epoch:
            last_epoch += 1
            base = loss_at(last_epoch, floor, speed)
            say("epoch", begin + epoch * pace, id, epoch=last_epoch, step=last_epoch * STEPS, seconds=seconds,
                loss=round(base, 5), accuracy=round(1 - 0.3 * base, 5), val_loss=round(base * 1.08 + 0.012, 5),
                val_accuracy=round(1 - 0.27 * base - 0.004, 5))
            say("checkpoint", begin + epoch * pace, id, step=last_epoch * STEPS, epoch=float(last_epoch),
                weights_hash=("%02x" % (17 * id + last_epoch)) * 32, bytes={1: 217640, 2: 217640, 3: 1066440, 4: 2168840, 5: 1066440}[id])
    return begin + until * pace


say("run", 0, experiment="mnist", seed=1,
    environment=json.dumps({"cpu": "a processor", "cores": 2, "workers": 2, "kernels": "avx2"}),
    data=json.dumps({"path": "mnist", "train": 54000, "validation": 6000, "test": 10000}), spec="{}")
say("log", 0.01, level="info", line="54,000 training, 6,000 validation and 10,000 test samples; 28x28x1, 10 classes")
version(0.1, 1, "cnn", 54410, config("cnn", 32, 0.001))
version(0.1, 2, "cnn-fast", 54410, config("cnn", 32, 0.003))
version(0.1, 3, "mlp", 266610, config("mlp", 300, 0.001))
version(0.1, 4, "mlp-wide", 542210, config("mlp", 600, 0.001, epochs=4), epochs=4)
version(0.1, 5, "mlp-hot", 266610, config("mlp", 300, 0.5))
for id in (1, 2, 3, 4, 5):
    state(0.2, id, "queued")
    state(0.5 + id / 10, id, "running")
train(1, 1.0, 46.0, 3.9, 0.035, 2.4, 70)
train(2, 1.0, 44.0, 4.0, 0.028, 3.6, 70)
end3 = train(3, 1.0, 21.0, 5.0, 0.05, 2.0, 50)
state(end3 + 0.1, 3, "paused", step=5 * STEPS, seconds=102.9)
end4 = train(4, 1.0, 30.0, 4.0, 0.042, 2.2, 50)
state(end4 + 0.1, 4, "done", step=4 * STEPS, seconds=117.6)
say("test", end4 + 0.4, 4, loss=0.0731, accuracy=0.9778, val_loss=None, val_accuracy=None,
    report=report(10000, 0.9778, 3))
say("alias", end4 + 2, 3, alias="production", target=3, previous=0, weights_hash="44" * 32, rollback=False)
say("alias", end4 + 3, 4, alias="production", target=4, previous=3, weights_hash="48" * 32, rollback=False)
end5 = train(5, 1.0, 22.0, 0.9, 0.4, 1.5, 14, diverge=0.45)
state(end5 + 0.1, 5, "failed", reason="the loss became NaN at step 391: try a lower learning_rate", step=391, seconds=19.4)
say("log", end5 + 0.1, 5, level="error", line="mlp-hot: the loss became NaN at step 391; its last good checkpoint is kept")
figures = {"val_accuracy": 0.9843, "test_accuracy": 0.9778, "val_loss": 0.0669, "test_loss": 0.0731}
version(130, 6, "mlp-wide-quantize", 542210, config("mlp", 600, 0.001, epochs=4), parents=[4], bytes=553812, epochs=4,
        operation={"op": "compress", "method": "quantize", "settings": {}, "relative_error": 0.0061,
                   "detail": "8 bits a weight, one scale a channel",
                   "before": dict(figures, bytes=2168840),
                   "after": {"bytes": 553812, "val_accuracy": 0.9842, "test_accuracy": 0.9776, "val_loss": 0.0671,
                             "test_loss": 0.0733},
                   "tries": 92,
                   "front": [{"method": "prune,entropy", "bytes": size, "val_loss": 0.1, "val_accuracy": accuracy,
                              "settings": {"sparsity": sparsity, "step": step, "lambda": 0.02, "biases": "coded"}}
                             for size, accuracy, sparsity, step in
                             ((31204, 0.951, 0.9, 1.5), (48931, 0.9743, 0.9, 0.5), (77400, 0.9801, 0.8, 0.5),
                              (140220, 0.9842, 0.6, 0.25))]})
state(130.1, 6, "done", step=4 * STEPS)
say("test", 130.2, 6, loss=0.0733, accuracy=0.9776, val_loss=0.0671, val_accuracy=0.9842)
version(150, 7, "cnn-fused", 54410, config("cnn", 32, 0.001), parents=[1, 2],
        operation={"op": "fuse", "method": "average", "settings": {}})
state(150.1, 7, "done", step=3 * STEPS)
say("test", 150.2, 7, loss=0.0598, accuracy=0.9803, val_loss=0.0541, val_accuracy=0.9852)
version(160, 8, "cnn-slow", 54410, config("cnn", 32, 0.0003, epochs=20), parents=[1], epochs=20,
        operation={"op": "clone", "settings": {"optimizer.learning_rate": 0.0003, "epochs": 20}})
state(160.1, 8, "queued")
say("log", 160.2, level="warning", line="two versions train on two workers: cnn-slow waits for its turn")
bump = [math.exp(-((i - 5) / 2.2) ** 2) - math.exp(-(5 / 2.2) ** 2) for i in range(11)]
chord = [0.0962 - 0.0027 * i for i in range(11)]
curves = {name: {"barrier": round(height * bump[5], 5), "top": 5, "loss": [round(c + height * b, 5) for c, b in zip(chord, bump)],
                 "accuracy": [round(0.975 + 0.0007 * i - 0.35 * height * b, 5) for i, b in enumerate(bump)]}
          for name, height in (("before", 0.71), ("after", 0.06))}
say("job", 165, 1, job=1, kind="barrier", method="", state="done", progress=1, result=0,
    message="barrier between cnn and cnn-fast: %.4f as they are, %.4f with units matched"
            % (curves["before"]["barrier"], curves["after"]["barrier"]),
    detail=json.dumps({"versions": [{"id": 1, "name": "cnn", "step": 1645}, {"id": 2, "name": "cnn-fast", "step": 1688}],
                       "split": "validation", "samples": 6000, "points": 11, "t": [i / 10 for i in range(11)],
                       "before": curves["before"], "after": dict(curves["after"], sweeps=7, moves=29), "unmatched": None}))
for i in range(0, 43, 7):
    say("job", 170 + i / 10, 1, job=2, kind="compress", method="quantize", state="running", progress=i / 100, result=0,
        message=None)


# A story of its own (preview.script): a preview of two versions, half filled.
previews = [{"method": "average", "val_loss": 0.7886, "val_accuracy": 0.7314, "bytes": 217640, "seconds": 0.42},
            {"method": "weighted", "val_loss": 0.7811, "val_accuracy": 0.7345, "bytes": 217640, "seconds": 0.41},
            {"method": "slerp", "val_loss": 0.2213, "val_accuracy": 0.9381, "bytes": 217640, "seconds": 0.44},
            {"method": "soup", "val_loss": 0.0692, "val_accuracy": 0.982, "bytes": 217640, "seconds": 1.63},
            {"method": "rebasin", "val_loss": 0.0688, "val_accuracy": 0.9818, "bytes": 217640, "seconds": 0.97},
            {"method": "transport", "refused": "there is no hidden layer whose units could be matched"},
            {"method": "regmean", "val_loss": None, "val_accuracy": 0.098, "bytes": 217640, "seconds": 14.2}]
previews += [{"method": name} for name in ("fisher", "task_arithmetic", "ties", "dare", "ensemble")]
previews += [{"method": "auto", "left_out": "not tried: it keeps the best of the others, ensemble left out"},
             {"method": "stacking", "left_out": "not tried: it learns on the validation split itself"},
             {"method": "distil", "left_out": "not tried: it trains a network, for epochs"}]
table = {"versions": [{"name": "cnn", "id": 1, "step": 1645, "val_loss": 0.0962, "val_accuracy": 0.975, "bytes": 217640},
                      {"name": "cnn-fast", "id": 2, "step": 1688, "val_loss": 0.0692, "val_accuracy": 0.982, "bytes": 217640}],
         "samples": 6000, "split": "validation", "done": False, "methods": previews}
with open("preview.jsonl", "w", encoding="utf-8") as out:
    out.write(json.dumps({"type": "job", "serial": 10000, "time": START + 176, "version": 1, "job": 3, "kind": "preview",
                          "method": "", "state": "running", "progress": 0.64, "result": 0, "message": None,
                          "detail": json.dumps(table)}, separators=(",", ":")) + "\n")

# Another story of its own (curves.script): ten versions of which some differ only in their seed, and one of those
# becomes no number.
def curves():
    chance = random.Random(11)
    out = [{"type": "run", "time": START, "version": 0, "experiment": "seeds", "seed": 1,
            "environment": json.dumps({"cores": 2, "workers": 2}), "data": json.dumps({"path": "mnist", "train": 54000}),
            "spec": "{}"}]
    entries = [("cnn/%d" % (i + 1), json.dumps(dict(json.loads(config("cnn", 32, 0.001)), seed=i)), 0.04, 2.4) for i in range(4)]
    entries += [("lr/%s" % rate, config("mlp", 300, rate), floor, speed)
                for rate, floor, speed in ((0.0003, 0.2, 0.9), (0.001, 0.1, 1.6), (0.003, 0.15, 2.2))]
    entries += [("hot-%s" % letter, config("mlp", 300, 0.03), 0.3, 1.2) for letter in "abc"]
    for id, (name, hyper, floor, speed) in enumerate(entries, 1):
        out.append({"type": "version", "time": START + 0.1, "version": id, "name": name, "learner": "network", "parents": [],
                    "operation": json.dumps({"op": "train"}), "hyperparameters": hyper, "seed": 1000 + id, "priority": 1,
                    "parameters": 54410, "bytes": 217640, "raw_bytes": 217640, "steps_per_epoch": STEPS, "epochs": 4})
        out.append({"type": "state", "time": START + 0.2, "version": id, "state": "running", "reason": None, "step": 0,
                    "seconds": 0})
    for i in range(1, 41):
        for id, (name, _, floor, speed) in enumerate(entries, 1):
            epoch = i / 10
            loss = (loss_at(epoch, floor, speed) + 0.05 * (id % 3)) * math.exp(chance.gauss(0, 0.07))
            lost = name == "hot-c" and i > 25
            out.append({"type": "metric", "time": START + 4 * i, "version": id, "step": i * STEPS // 10, "epoch": epoch,
                        "seconds": 4.0 * i, "loss": None if lost else round(loss, 5),
                        "accuracy": None if lost else round(1 - min(0.9, 0.3 * loss), 5), "samples_per_second": 1350.0})
    out.append({"type": "state", "time": START + 161, "version": 6, "state": "paused", "reason": None, "step": 1688,
                "seconds": 160})
    with open("curves.jsonl", "w", encoding="utf-8") as file:
        for number, event in enumerate(out, 1):
            event["serial"] = number
            file.write(json.dumps(event, separators=(",", ":")) + "\n")


curves()
lines.sort(key=lambda line: (line[0], line[1]))
with open("story.jsonl", "w", encoding="utf-8") as out:
    for number, (_, _, event) in enumerate(lines, 1):
        event["serial"] = number
        out.write(json.dumps(event, separators=(",", ":")) + "\n")


# And two more (nodes.script): what the workers do; and three sub-models, of which one waits and one is lost.
def node(serial, sharded, workers, **more):
    machine = {"type": "node", "serial": serial, "time": START + 180.4, "version": 0, "node": 0, "host": "lab7", "kernels": "avx2",
               "cores": 2, "span": 3.0, "busy": 0.97, "used": 1.91, "memory": 16e9, "memory_used": 4.9e9, "memory_own": 4.12e8}
    return dict(machine, workers=json.dumps(workers), sharded=json.dumps(sharded), **more)


def worker(work, version=0, step=0, busy=0.0, slices=0.0, steps=0.0, samples=0.0):
    return {"work": work, "version": version, "step": step, "busy": busy, "slices_per_second": slices, "steps_per_second": steps,
            "samples_per_second": samples, "slices": 9000, "steps": 1645, "samples": 210560}


def nodes():
    here = [worker("training", 1, 1645, 0.991, 48.7, 9.5, 1211.0), worker("validating", 2, 1688, 0.984, 51.3, 10.1, 1292.6)]
    with open("nodes.jsonl", "w", encoding="utf-8") as file:
        file.write(json.dumps(node(10000, [], here), separators=(",", ":")) + "\n")
    with open("nodes-idle.jsonl", "w", encoding="utf-8") as file:
        for number, id in enumerate((1, 2, 8, 21, 22, 24), 10001):
            file.write(json.dumps({"type": "state", "serial": number, "time": START + 181, "version": id, "state": "paused",
                                   "reason": None, "step": 1645, "seconds": 175.0}, separators=(",", ":")) + "\n")
        file.write(json.dumps(node(10010, [], [worker("idle"), worker("idle")], busy=0.03, used=0.01), separators=(",", ":")) + "\n")
    out = []
    spec = json.loads(config("mlp", 300, 0.001))
    for id, name in enumerate(("m/1", "m/2", "m/3", "m"), 21):
        own = {"shard": {"index": id - 20, "of": 3}} if id < 24 else {"shards": {"count": 3}, "fuse": {"method": "average", "every": 1}}
        out.append({"type": "version", "time": START + 100, "version": id, "name": name, "learner": "network",
                    "parents": [21, 22, 23] if id == 24 else [],
                    "operation": json.dumps({"op": "shards", "method": "average", "shards": 3} if id == 24 else {"op": "train"}),
                    "hyperparameters": json.dumps(dict(spec, **own)), "seed": 1000 + id, "priority": 1, "parameters": 266610,
                    "bytes": 1066440, "raw_bytes": 1066440, "steps_per_epoch": 141, "epochs": 10})
        out.append({"type": "state", "time": START + 100, "version": id, "state": "running", "reason": None, "step": 0, "seconds": 0})
    for id, step, loss in ((21, 423, 0.0812), (22, 379, 0.0934), (23, 290, 0.4119), (24, 282, 0.1204)):
        out.append({"type": "metric", "time": START + 180, "version": id, "step": step, "epoch": round(step / 141, 4), "seconds": 31.0,
                    "loss": loss, "accuracy": round(1 - 0.3 * loss, 5), "samples_per_second": None if id == 24 else 4012.0})
    out.append({"type": "state", "time": START + 180.1, "version": 23, "state": "failed", "step": 282, "seconds": 24.0,
                "reason": "the loss became NaN at step 291: try a lower learning_rate"})
    shards = [{"version": 21, "samples": 18000, "worker": 1, "begin": 282, "end": 423, "waits": True, "samples_per_second": 1310.5},
              {"version": 22, "samples": 18000, "worker": 2, "begin": 282, "end": 423, "waits": False, "samples_per_second": 2745.0},
              {"version": 23, "samples": 18000, "worker": 2, "begin": 282, "end": 423, "waits": False, "samples_per_second": 0.0}]
    whole = {"version": 24, "round": 2, "rounds": 10, "fused": START + 166.4, "fuses": False, "shards": shards}
    there = [worker("training", 22, 379, 0.993, 49.2, 21.4, 2745.0), worker("helping", 22, 0, 0.457, 0.0, 0.0, 0.0)]
    out.append(node(0, [whole], there))
    with open("nodes-shards.jsonl", "w", encoding="utf-8") as file:
        for number, event in enumerate(out, 10100):
            event["serial"] = number
            file.write(json.dumps(event, separators=(",", ":")) + "\n")


nodes()

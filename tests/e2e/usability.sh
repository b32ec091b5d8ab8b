#!/bin/sh
# Every line of samples/usability.md, from a cold start: its keys and no others are pressed, what they are for has happened
# (asked of the screen, of the files written, and of `lepton`), and the numbers in the table are those of the keys.
#     sh tests/e2e/usability.sh BUILD TREE
set -eu
build=$1
tree=$2
. "$tree/tests/e2e/common.sh.inc"
export HOME="$work/home" XDG_STATE_HOME="$work/home/state"
unset XDG_CONFIG_HOME
cat >ready.json <<SPEC
{
  "experiment": "small", "seed": 1,
  "data": {"format": "idx", "path": "$mnist", "validation_split": 0.1, "limit": 600, "test_limit": 200},
  "defaults": {"batch_size": 64, "epochs": 2, "optimizer": {"name": "adam", "learning_rate": 0.001}},
  "versions": [
    {"name": "mlp", "tags": ["small"], "layers": [
      {"type": "Input", "shape": [28, 28, 1]},
      {"type": "Flatten"},
      {"type": "Dense", "units": 16, "activation": "relu"},
      {"type": "Dense", "units": 10, "activation": "softmax"}]},
    {"name": "mlp-b", "base": "mlp", "optimizer": {"learning_rate": 0.002}},
    {"name": "mlp-c", "base": "mlp", "tags": ["big"], "optimizer": {"learning_rate": 0.004}}
  ]
}
SPEC
sed 's/"epochs": 2/"epochs": 1000000/' ready.json >training.json
"$lepton" train ready.json --store ready --quiet >/dev/null
cp -R ready promoted
"$lepton" promote mlp --store promoted >/dev/null
"$lepton" promote mlp-b --store promoted >/dev/null
python3 - "$lepton" "$tui" "$tree/samples/usability.md" <<'PY'
import json, os, re, shutil, subprocess, sys

lepton, tui, table = sys.argv[1:]


def said(*arguments):
    return subprocess.run([lepton, *arguments, "--store", "store"], check=True, capture_output=True, text=True).stdout


def versions():
    return {v["name"]: v for v in json.loads(said("list", "--json"))["versions"]}


def states(**wanted):
    return lambda: all(versions()[n.replace("_", "-")]["state"] == s for n, s in wanted.items())


def alias(target):
    return lambda: json.loads(said("list", "--json"))["aliases"]["production"]["version"] == target


def wrote(name, words):
    return lambda: words in open(name, encoding="utf-8").read()


def always():
    return True


# task: what there is at the start, lines of a script in which K are the keys of the next cell, and what holds afterwards
TASKS = {
    "watch training": ("training", ["wait running, epoch", "expect samples"], always),
    "accuracy in place of loss": ("training", ["K", "expect m accuracy"], always),
    "pause one": ("training", ["wait running", "K", "wait mlp paused"], states(mlp="paused")),
    "let it go on": ("training", ["wait running", "K", "wait mlp paused", "expect p resume", "K", "wait mlp resumed"],
                     lambda: versions()["mlp"]["state"] != "paused"),
    "stop one": ("training", ["wait running", "K", "expect Stop mlp?", "K", "wait mlp stopped"], states(mlp="stopped")),
    "pause several": ("training", ["wait running", "K", "wait paused"], states(mlp="paused", mlp_b="paused")),
    "pause all": ("training", ["wait running", "K", "wait paused (u undoes it)"], states(mlp="paused", mlp_b="paused", mlp_c="paused")),
    "resume all": ("training", ["wait running", "K", "wait paused (u undoes it)", "K", "wait resumed (u undoes it)"],
                   lambda: all(v["state"] != "paused" for v in versions().values())),
    "undo": ("training", ["wait running", "K", "wait (u undoes it)", "K", "wait mlp resumed"],
             lambda: versions()["mlp"]["state"] != "paused"),
    "clone with a change": ("training", ["wait running", "K", "wait mlp-2"],
                            lambda: versions()["mlp-2"]["hyperparameters"]["optimizer"]["learning_rate"] == 0.01),
    "write a note": ("ready", ["K", "wait note"], lambda: versions()["mlp"]["note"] == "slow"),
    "tag a version": ("ready", ["K", "wait tags"], lambda: "new" in versions()["mlp"]["tags"]),
    "filter": ("ready", ["K", "expect / -b: 2 of 3"], always),
    "group by tag": ("ready", ["K", "expect versions by tag"], always),
    "end the groups": ("ready", ["K", "expect versions by tag", "K", "reject versions by tag"], always),
    "zoom a curve": ("ready", ["K", "expect zoomed: * shows all"], always),
    "all of a version's details": ("ready", ["K", "expect learner"], always),
    "evaluate": ("ready", ["K", "wait test loss"], lambda: "report" in said("show", "mlp", "--json")),
    "figures class by class": ("ready", ["K", "wait 6 by class", "K", "expect prec"], always),
    "look at mistakes": ("ready", ["K", "wait M mistakes", "K", "expect What mlp got wrong"], always),
    "look inside a layer": ("ready", ["K", "wait test loss", "K", "expect dense/bias┌"], always),
    "compare two": ("ready", ["K", "expect 2 marked versions, best first"], always),
    "where versions come from": ("ready", ["K", "expect lineage┌"], always),
    "best size for accuracy": ("ready", ["K", "expect * none is better for less"], always),
    "when all is done": ("training", ["wait running", "K", "wait share"], always),
    "compress": ("ready", ["K", "wait is ready"], lambda: versions()["mlp-quantize"]["bytes"] < versions()["mlp"]["bytes"] / 3),
    "preview ways to fuse": ("ready", ["K", "wait average", "wait ★"], always),
    "fuse": ("ready", ["K", "wait average", "K", "expect Enter fuse", "K", "wait is ready"], lambda: len(versions()) == 4),
    "promote": ("ready", ["K", "wait mlp is now :production"], alias("mlp")),
    "roll back": ("promoted", ["K", "wait production"], alias("mlp")),
    "export a summary": ("ready", ["K", "wait exported"], lambda: len(json.load(open("small.json"))["versions"]) == 3),
    "a report to show people": ("ready", ["K", "wait exported"], wrote("small.html", "<svg")),
    "save the screen": ("ready", ["K", "wait saved the screen"], wrote("small.svg", "mlp-b")),
    "another theme": ("ready", ["K", "expect save settings"], always),
    "help": ("ready", ["K", "expect Help: Versions"], always),
    "leave, training goes on": ("training", ["wait running", "K"], lambda: "running" in said("list") and bool(said("quit") or True)),
    "quit": ("training", ["wait running", "K", "expect Leave lepton?", "K"], always),
}


def cells(line):
    return [c.strip() for c in line.strip().strip("|").split("|")]


def spans(cell):
    return re.findall(r"`([^`]*)`", cell)


def keys(span):
    return len(re.findall(r"<[A-Za-z0-9-]+>|.", span))


def play(task, pressed):
    start, lines, holds = TASKS[task]
    for name in ("store", "small.json", "small.html", "small.svg"):
        shutil.rmtree(name, ignore_errors=True) if os.path.isdir(name) else os.path.exists(name) and os.remove(name)
    if start != "training":
        shutil.copytree(start, "store")
    left = list(pressed)
    with open("script", "w", encoding="utf-8") as script:
        print("size 80x24", file=script)
        for line in lines:
            print("keys " + left.pop(0) if line == "K" and left else line, file=script)
    assert not left, f"{task}: {left} are not used"
    spec = ["training.json"] if start == "training" else []
    done = subprocess.run([tui, *spec, "--store", "store", "--script", "script"], capture_output=True, text=True)
    assert done.returncode == 0, f"{task} by {pressed}: {done.stderr}"
    assert holds(), f"{task} by {pressed}: it had no effect"


rows = [cells(line) for line in open(table, encoding="utf-8") if line.startswith("| ")][1:]
assert sorted(r[0] for r in rows) == sorted(TASKS), set(TASKS) ^ {r[0] for r in rows}
fewest, faults = 0, []
for task, *row in rows:
    for cell, count in ((row[0], row[1]), (row[2], row[3])):
        total = sum(map(keys, spans(cell)))
        if total != int(count):
            faults.append(f"{task}: {total} keys, the table says {count}")
    fewest += int(row[1])
    for cell in dict.fromkeys((row[0], row[2])):
        try:
            play(task, spans(cell))
        except (AssertionError, LookupError, OSError, subprocess.CalledProcessError) as fault:
            faults.append(f"{task}, by {cell}: {fault!r}")
if faults:
    sys.exit("FAIL: " + "\nFAIL: ".join(faults))
print(len(rows), "tasks with", fewest, "keys")
PY

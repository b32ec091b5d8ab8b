#!/bin/sh
# `lepton report`: a page of a short real run. That it is well formed and fetches nothing, that its figures are those of the run
# summary, that its colours can be told apart; and in headless Chromium that its script draws, zooms, hides and tells values, and
# (html_hands.py) what it does when a mouse and keys sort, drag, point and hide.
#     sh tests/e2e/html.sh BUILD TREE
set -eu
build=$1
tree=$2
. "$tree/tests/e2e/common.sh.inc"

small_spec spec.json
python3 - <<'PY'
import json
spec = json.load(open("spec.json"))
spec["versions"].append({"name": "tree", "learner": "decision_tree", "max_depth": 6})
json.dump(spec, open("spec.json", "w"))
PY
"$lepton" train spec.json --quiet
"$lepton" compress cnn --method quantize --as small >/dev/null
"$lepton" fuse cnn cnn-fast --method average --as both >/dev/null
"$lepton" promote small >/dev/null
cat >look.script <<'END'
size 120x40
wait cnn
keys gE
wait test loss 60
keys e<C-u>dash.html<Enter>
wait exported
quit
END
"$tui" --script look.script --store .lepton 2>/dev/null
grep -q '<!DOCTYPE html>' dash.html || fail "the dashboard wrote no page"
"$lepton" report -o all.html
"$lepton" report both :production --store .lepton -o two.html
"$lepton" export --all -o all.htm --format html
cmp all.html all.htm || fail "report and export --format html differ"
"$lepton" export --all -o run.json

says 'say where to' "$lepton" report
says 'no version "cn"; did you mean' "$lepton" report cn -o x.html
says 'missing/x.html' "$lepton" report -o missing/x.html
says 'no store' "$lepton" report --store nowhere -o x.html
[ ! -e x.html ] || fail "a page that was refused is there"

cat >check.py <<'PY'
import base64, hashlib, html.parser, itertools, json, math, re, sys

VOID = {"meta", "wbr"}

class Page(html.parser.HTMLParser):
    """Every tag closed by its own, in order; attributes said once; tables and scripts taken apart."""
    def __init__(self, path):
        super().__init__(convert_charrefs=True)
        self.open, self.ids, self.tables, self.scripts, self.style = [], [], {}, [], ""
        self.sections, self.figures, self.table, self.count = [], 0, None, {}
        self.text = open(path, encoding="utf-8", newline="").read()
        self.feed(self.text)
        self.close()
        assert not self.open, self.open
        assert len(self.ids) == len(set(self.ids)), self.ids

    def handle_starttag(self, tag, attributes):
        names = [a for a, _ in attributes]
        attribute = dict(attributes)
        assert len(names) == len(set(names)), (tag, names)
        assert not any(n.startswith("on") or n == "style" for n in names), (tag, names)
        for n in ("src", "href", "action", "data", "srcset"):
            assert attribute.get(n, "#").startswith("#"), (tag, attribute)
        assert tag not in {"img", "link", "iframe", "object", "embed", "base", "form"}, tag
        self.count[tag] = self.count.get(tag, 0) + 1
        if "id" in attribute:
            self.ids.append(attribute["id"])
        if tag == "section":
            self.sections.append(attribute["id"])
        if tag == "meta" and attribute.get("http-equiv"):
            self.policy = attribute["content"]
        if tag == "table":
            self.table = self.tables[attribute.get("id", self.sections[-1])] = []
        if tag == "tr":
            self.table.append([])
        if tag in ("td", "th"):
            self.table[-1].append(["", attribute.get("data-v")])
        if tag not in VOID:
            self.open.append(tag)
        if tag in ("script", "style"):
            self.scripts.append("")

    def handle_startendtag(self, tag, attributes):
        self.handle_starttag(tag, attributes)
        assert self.open.pop() == tag

    def handle_endtag(self, tag):
        assert self.open and self.open[-1] == tag, (tag, self.open)
        self.open.pop()

    def handle_data(self, text):
        if self.open and self.open[-1] in ("script", "style"):
            self.scripts[-1] += text
        elif {"td", "th"} & set(self.open) and "svg" not in self.open:
            self.table[-1][-1][0] += text

def taken_apart(path, versions):
    page = Page(path)
    style, data, script = page.scripts
    for text in style, script:
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in page.policy, page.policy
    assert page.policy.startswith("default-src 'none';"), page.policy
    links = set(re.findall(r"\w+://[^\s'\"<>]*", page.text))
    assert links <= {"http://www.w3.org/2000/svg"}, links
    return page, style, json.loads(data)

def same_figures(page, data, run, names):
    """The table's and the curves' numbers are those of the run summary, to the bit."""
    head = [c[0] for c in page.tables["table"][0]]
    for row, version in zip(page.tables["table"][1:], run):
        cell = dict(zip(head, row))
        epochs = version["history"]["epochs"]
        assert cell["version"][0].split()[0] == version["name"], (cell, version["name"])
        assert cell["state"][0] == version["state"]
        for key, ours in ("test loss", version["test"]["loss"]), ("test accuracy", version["test"]["accuracy"]), \
                ("size", version["bytes"]), ("rate", version["samples_per_second"]), \
                ("loss", (version["history"]["loss"] or [None])[-1]), \
                ("val accuracy", epochs["val_accuracy"][-1] if epochs["val_accuracy"] else None):
            shown = cell[key][1]
            if ours is None:
                assert shown is None or key == "val accuracy", (version["name"], key, shown)
            else:
                assert abs(float(shown) - ours) <= 1e-7 * abs(ours), (version["name"], key, shown, ours)
    assert len(page.tables["table"]) == len(run) + 1
    assert [v["name"] for v in data["versions"]] == [v["name"] for v in run]
    for ours, theirs in zip(data["versions"], run):
        for key in "step", "epoch", "seconds", "loss", "accuracy":
            assert ours["steps"][key] == theirs["history"][key], (theirs["name"], key)
        for key in "step", "epoch", "seconds", "val_loss", "val_accuracy":
            assert ours["epochs"][key] == theirs["history"]["epochs"][key], (theirs["name"], key)

def light(color):
    return [v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in
            (int(color[i:i + 2], 16) / 255 for i in (1, 3, 5))]

def lab(rgb):
    x, y, z = (sum(a * b for a, b in zip(row, rgb)) for row in
               ((0.4124, 0.3576, 0.1805), (0.2126, 0.7152, 0.0722), (0.0193, 0.1192, 0.9505)))
    f = lambda t: t ** (1 / 3) if t > 216 / 24389 else (24389 / 27 * t + 16) / 116
    x, y, z = f(x / 0.95047), f(y), f(z / 1.08883)
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)

# Machado, Oliveira and Fernandes, A Physiologically-based Model for Simulation of Color Vision Deficiency (2009), severity 1
EYES = {"all cones": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
        "no L": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
        "no M": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881)),
        "no S": ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602), (0.004733, 0.691367, 0.303900))}

def colors(style):
    for ground, palette in zip(re.findall(r"--card: (#\w{6})", style), re.findall(r"--c0: .*?--c7: #\w{6}", style)):
        palette = re.findall(r"#\w{6}", palette)
        assert len(set(palette)) == 8
        y = lambda c: lab(light(c)) and sum(a * b for a, b in zip((0.2126, 0.7152, 0.0722), light(c))) + 0.05
        contrast = min(max(y(c), y(ground)) / min(y(c), y(ground)) for c in palette)
        apart = {eyes: min(math.dist(a, b) for a, b in itertools.combinations(
            [lab([min(1, max(0, sum(p * q for p, q in zip(row, light(c))))) for row in matrix]) for c in palette], 2))
            for eyes, matrix in EYES.items()}
        assert contrast >= 3 and min(apart.values()) >= 20, (contrast, apart)
        print(f"on {ground}: contrast {contrast:.1f}; nearest two colours", {k: round(v, 1) for k, v in apart.items()})

run = json.load(open("run.json"))["versions"]
page, style, data = taken_apart("all.html", len(run))
same_figures(page, data, run, None)
assert page.sections == ["curves", "versions", "size", "lineage", "settings", "classes", "aliases", "log", "about"], page.sections
report = next(v["test"]["report"] for v in run if "report" in v["test"])
matrix = [[0 if c[0] == "\u00b7" else int(c[0]) for c in row[6:]] for row in page.tables["classes"][1:]]
assert matrix == report["confusion"], matrix
assert any(row[0][0] == "learning_rate" for row in zip(*page.tables["settings"])), page.tables["settings"]
colors(style)
page, style, data = taken_apart("two.html", 2)
same_figures(page, data, [v for v in run if v["name"] in ("both", "small")], None)
print("well formed, self-contained, and of the same figures as the run summary")
PY
python3 check.py

command -v chromium >/dev/null || {
	echo "chromium is not installed: what the page's script does was not tried"
	exit 77
}

# look HASH: the page as it stands after the script has run, with this behind its address
look() {
	timeout 120 chromium --headless --no-sandbox --disable-gpu --user-data-dir="$work/profile" --window-size=1280,1600 \
		--virtual-time-budget=3000 --dump-dom "file://$work/all.html#$1" >dom.html 2>chromium.err || {
		tail -3 chromium.err
		fail "chromium did not show the page"
	}
	grep -q 'data-ready' dom.html || fail "the script did not run to its end with #$1"
}
# has COUNT PATTERN: so often in the page as it stands
has() {
	found=$(grep -o -- "$2" dom.html | wc -l)
	[ "$found" = "$1" ] || fail "$found times $2, expected $1"
}

look ''
has 1 'data-curves="4"'
has 4 'class="curve main'
has 4 '<button type="button" data-i='
has 4 'aria-pressed="true" data-i=\|data-i="[0-9]" title="[^"]*" aria-pressed="true"'
look 'show=0,2'
has 2 'class="curve main'
has 2 'data-i="[0-9]" title="[^"]*" aria-pressed="false"'
look 'show='
has 0 'class="curve main'
has 1 '>no version is shown<'
look 'metric=val_accuracy&x=epoch'
has 1 'aria-label="Val accuracy of 4 versions"'
has 4 'class="peak'
look 'smooth=0.6&y=log'
has 4 'class="curve raw'
has 1 'data-value="log" aria-pressed="true"'
look 'zoom=20,40&show=0'
has 1 'class="curve main'
# the cross-hair tells what was recorded
look 'at=22&show=0,1&metric=loss'
python3 - <<'PY'
import json, re
run = json.load(open("run.json"))["versions"][:2]
tip = re.search(r'<div class="tip".*?</div></div>', open("dom.html").read(), re.S).group()
rows = dict(re.findall(r'<bdi>(.*?)</bdi><b data-v="(.*?)">', tip))
for version in run:
    h = version["history"]
    near = min(range(len(h["step"])), key=lambda i: abs(h["step"][i] - 22))
    assert float(rows[version["name"]]) == h["loss"][near], (version["name"], rows, h["loss"][near])
print("the cross-hair tells", rows)
PY
timeout 300 python3 "$tree/tests/e2e/html_hands.py" "$work/all.html" "$work/run.json" "$work/hands" || fail "a hand on the page"
echo "in Chromium the page draws, hides, zooms, smooths and tells values"

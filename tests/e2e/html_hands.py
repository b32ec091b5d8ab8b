"""A hand on the report in headless Chromium: real mouse and keyboard events, told by the DevTools protocol over a pipe.
     python3 html_hands.py PAGE RUN.json PROFILE
Sorts tables by their heads, drags over the curves, moves the cross-hair by keys, hides and shows by the legend, and compares
what the page then shows with the run summary."""
import json
import os
import subprocess
import sys
import time

page, summary, profile = sys.argv[1:]
RUN = json.load(open(summary))["versions"]


class Browser:
    def __init__(self):
        down, up = os.pipe(), os.pipe()  # commands to it, answers from it
        begin = 'exec chromium --headless --no-sandbox --disable-gpu --window-size=1280,1600 "--user-data-dir=$1" ' \
                '--remote-debugging-pipe about:blank 3<&"$2" 4>&"$3" 2>/dev/null'
        self.process = subprocess.Popen(["bash", "-c", begin, "chromium", profile, str(down[0]), str(up[1])],
                                        pass_fds=(down[0], up[1]))
        os.close(down[0])
        os.close(up[1])
        self.to, self.out, self.serial, self.session, self.heard = down[1], os.fdopen(up[0], "rb"), 0, None, b""

    def read(self):
        while b"\0" not in self.heard:
            more = os.read(self.out.fileno(), 1 << 16)
            assert more, "chromium has ended"
            self.heard += more
        line, self.heard = self.heard.split(b"\0", 1)
        return json.loads(line)

    def __call__(self, method, **params):
        self.serial += 1
        message = {"id": self.serial, "method": method, "params": params}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.to, json.dumps(message).encode() + b"\0")
        while True:
            answer = self.read()
            if answer.get("id") == self.serial:
                assert "error" not in answer, (method, answer["error"])
                return answer["result"]

    def open(self, address):
        target = self("Target.createTarget", url=address)["targetId"]
        self.session = self("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        ready = "location.protocol === 'file:' && document.documentElement.hasAttribute('data-ready')"
        for _ in range(600):
            try:
                if self.ask(ready):
                    return
            except AssertionError:  # asked of the blank page, which the report just takes the place of
                pass
            time.sleep(0.05)
        raise AssertionError("the page's script did not run to its end")

    def ask(self, script):
        got = self("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        assert "exceptionDetails" not in got, (script, got["exceptionDetails"])
        return got["result"].get("value")

    def mouse(self, what, x, y, **more):
        self("Input.dispatchMouseEvent", type=what, x=x, y=y, **more)

    def click(self, x, y, times=1, **more):
        self.mouse("mouseMoved", x, y)
        for n in range(1, times + 1):
            for what in "mousePressed", "mouseReleased":
                self.mouse(what, x, y, button="left", clickCount=n, **more)

    def settle(self):
        """Until what was changed is on the screen: before that a click may go to what was there."""
        self.ask("new Promise(r => requestAnimationFrame(() => requestAnimationFrame(() => r(1))))")

    def middle(self, selector):
        self.ask("document.querySelector(%s).scrollIntoView({block: 'center', behavior: 'instant'})" % json.dumps(selector))
        self.settle()
        return self.ask("(() => { const r = document.querySelector(%s).getBoundingClientRect(); "
                        "return [r.x + r.width / 2, r.y + r.height / 2]; })()" % json.dumps(selector))

    def key(self, name):
        for what in "keyDown", "keyUp":
            self("Input.dispatchKeyEvent", type=what, key=name)


def state(browser):
    """The address's words: what is looked at."""
    words = browser.ask("location.hash").lstrip("#")
    return dict(word.split("=") for word in words.split("&")) if words else {}


# ---- tables ----

def column(browser, head):
    return browser.ask("""(() => {
        const table = document.getElementById('table').closest('table') || document.querySelector('#table table');
        const at = Array.from(table.tHead.rows[0].cells).findIndex(c => c.textContent === %s);
        return Array.from(table.tBodies[0].rows).map(r => [r.cells[0].textContent.trim().split(/\\s/)[0],
            r.cells[at].dataset.v === undefined ? null : +r.cells[at].dataset.v]);
    })()""" % json.dumps(head))


def press_head(browser, head):
    browser.ask("""Array.from(document.querySelectorAll('#table thead button')).forEach(b => {
        if (b.textContent === %s) b.id = 'pressed'; else b.removeAttribute('id'); })""" % json.dumps(head))
    browser.click(*browser.middle("#pressed"))
    return browser.ask("document.getElementById('pressed').parentNode.getAttribute('aria-sort')")


def expected(figure, down):
    """Names by the run summary's figure, what is unknown last; those that are equal in any order."""
    known = [(figure(v), v["name"]) for v in RUN]
    return sorted((f for f, _ in known if f is not None), reverse=down), {n for f, n in known if f is None}


def sorting(browser):
    for head, figure, first in (("test accuracy", lambda v: v["test"]["accuracy"], "descending"),
                                ("test loss", lambda v: v["test"]["loss"], "ascending"),
                                ("loss", lambda v: (v["history"]["loss"] or [None])[-1], "ascending"),  # unknown of some
                                ("size", lambda v: v["bytes"], "ascending")):
        for turn in 0, 1, 2:
            way = press_head(browser, head)
            assert way == (first if turn != 1 else {"ascending": "descending", "descending": "ascending"}[first]), (head, way)
            rows = column(browser, head)
            values, unknown = expected(figure, way == "descending")
            assert {n for n, _ in rows} == {v["name"] for v in RUN}, rows
            shown = [v for _, v in rows if v is not None]
            assert len(shown) == len(values) and all(abs(a - b) <= 1e-7 * abs(b) for a, b in zip(shown, values)), (head, way, rows)
            assert {n for n, _ in rows[len(values):]} == unknown, (head, rows)
    press_head(browser, "version")
    names = [n for n, _ in column(browser, "version")]
    assert names == sorted(names), names
    marked = browser.ask("Array.from(document.querySelectorAll('#table [aria-sort]')).map(c => c.textContent)")
    assert marked == ["version"], marked
    print("tables sort both ways, what is unknown last")


# ---- curves ----

def plot(browser):
    """Where the plot is on the screen, and the steps at its edges as its own axis has them: by the places of its ticks."""
    browser.middle("#plot")
    return browser.ask("""(() => {
        const plot = document.getElementById('plot');
        const r = plot.getBoundingClientRect(), k = r.width / plot.viewBox.baseVal.width;
        const ticks = Array.from(plot.querySelectorAll('.tick.x')).map(t => [r.x + k * t.getAttribute('x'), +t.textContent.replace(/[^0-9.]/g, '')]);
        return {x: r.x, y: r.y, width: r.width, height: r.height, ticks};
    })()""")


def drag(browser, x0, x1, y):
    browser.mouse("mouseMoved", x0, y)
    browser.mouse("mousePressed", x0, y, button="left", buttons=1, clickCount=1)
    for i in range(1, 6):
        browser.mouse("mouseMoved", x0 + (x1 - x0) * i / 5, y, button="left", buttons=1)
    there = browser.ask("document.querySelector('#plot .range') && +document.querySelector('#plot .range').getAttribute('width')")
    browser.mouse("mouseReleased", x1, y, button="left", clickCount=1)
    return there


def dragging(browser):
    at = plot(browser)
    (xa, a), (xb, b) = at["ticks"][1], at["ticks"][-2]
    assert b > a and xb > xa, at
    y = at["y"] + at["height"] / 2
    for forth in True, False:  # to the right, and to the left
        there = drag(browser, *((xa, xb) if forth else (xb, xa)), y)
        assert there and there > 20, there
        low, high = map(float, state(browser)["zoom"].split(","))
        dot = (b - a) / (xb - xa)  # steps a pixel
        assert abs(low - a) <= 1.5 * dot and abs(high - b) <= 1.5 * dot, (low, high, a, b)
        ticks = [t for _, t in plot(browser)["ticks"]]
        assert min(ticks) >= a - dot and max(ticks) <= b + dot, (ticks, a, b)
        at2 = plot(browser)
        browser.click(at2["x"] + at2["width"] / 2, y, times=2)
        assert "zoom" not in state(browser), state(browser)
        assert plot(browser)["ticks"] == at["ticks"]
    drag(browser, xa, xa + 3, y)  # a hand that trembles
    assert "zoom" not in state(browser), state(browser)
    assert not browser.ask("!!document.querySelector('#plot .range')"), "what was dragged over stays"
    print("a drag either way zooms to what it was over, a double click shows all, a tremble does nothing")


def tip(browser):
    return dict(browser.ask("document.querySelector('.tip').hidden ? [] : "
                            "Array.from(document.querySelectorAll('.tip > [data-i]')).map(r => [r.querySelector('bdi').textContent, "
                            "+r.querySelector('b').dataset.v])"))


def pointing(browser):
    at = plot(browser)
    x, step = at["ticks"][2]
    browser.mouse("mouseMoved", x, at["y"] + at["height"] / 2)
    got = tip(browser)
    for v in RUN:
        h = v["history"]
        if v["name"] not in got:
            continue
        far = min(abs(s - step) for s in h["step"])
        near = [loss for s, loss in zip(h["step"], h["loss"]) if abs(s - step) <= far + 1]
        assert got[v["name"]] in near, (v["name"], got, near)
    assert len(got) == sum(bool(v["history"]["step"]) and v["operation"]["op"] == "train" for v in RUN), got
    browser.mouse("mouseMoved", 2, 2)
    assert not tip(browser), "the cross-hair stays when the pointer has left"
    browser.ask("document.getElementById('plot').focus()")
    browser.key("ArrowRight")
    assert tip(browser), "no cross-hair by key"
    browser.key("+")
    assert "zoom" in state(browser)
    browser.key("Escape")
    assert "zoom" not in state(browser) and not tip(browser)
    print("pointer and keys move the cross-hair")


def legend(browser):
    def shown():
        return browser.ask("+document.getElementById('plot').dataset.curves")
    all_of_them = shown()
    where = browser.middle('.legend button[data-i="1"]')
    browser.click(*where)
    assert shown() == all_of_them - 1
    browser.click(*where)
    assert shown() == all_of_them
    browser.click(*where, modifiers=8)  # Shift
    assert shown() == 1 and state(browser)["show"] == "1"
    browser.click(*browser.middle('.bar [data-key="metric"][data-value="val_loss"]'))
    assert state(browser)["metric"] == "val_loss"
    print("the legend hides, shows, and shows one alone")


browser = Browser()
try:
    browser.open("file://" + page)
    sorting(browser)
    dragging(browser)
    pointing(browser)
    legend(browser)
finally:
    try:
        browser.session = None
        browser("Browser.close")
    except (AssertionError, OSError):
        pass
    try:
        browser.process.wait(20)
    except subprocess.TimeoutExpired:
        browser.process.kill()
        browser.process.wait()

"""What a look, a waterfall or a checkpoint costs a run.

    python3 docs/bench/costs.py RONDO [--run RUN.yaml] [--only look,waterfall,checkpoint] [--phases 8] [--seconds 10] [--every 10]

RONDO is the program. One run is trained by two workers on this machine, without --run an LSTM of 1,024 cells with about 100 MB of
state. Time is cut into phases in the order off, on, on, off: in a phase that is on, the status page's questions are asked every two
seconds as a page asks them, or a checkpoint is asked for once in --every seconds. A figure is a phase's time a step, by the clock and
by the processor time of all processes of the run. A cost is that of the phases on over that of the phases off beside them, minus one:
the median over the groups of four, and all of them, so that the noise shows.
"""

import argparse
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request

from detection import seconds, start

RUN = """name: costs
seed: 3
model: {kind: charlm, cell: lstm, hidden: 1024, layers: 1, embed: 1024}
data: {train: shards/train}
batch: {global: 32, lanes: 4, length: 8}
optimizer: {kind: adam, lr: 1e-3, clip: 1}
steps: 1000000
eval: {every: 0}
checkpoint: {dir: run, every: 0, keep: 2}
"""


class Run:
    def __init__(self, rondo, file, directory, fields=()):
        self.rondo = rondo
        if file is None:
            file = os.path.join(directory, "run.yaml")
            with open(os.path.join(directory, "text.txt"), "w") as f:
                f.write("a text of no meaning, again and again.\n" * 5000)
            subprocess.run([rondo, "shard", "text", "--out", "shards", "text.txt"], cwd=directory, check=True, stdout=subprocess.DEVNULL)
            with open(file, "w") as f:
                f.write(RUN)
        self.name = re.search(r"^name: *(\S+)", open(file).read(), re.M)[1]
        fields = ["steps=1000000", "schedule.kind=constant", "eval.every=0", "checkpoint.dir=" + os.path.join(directory, "run"), "checkpoint.every=0", *fields]
        self.p, self.log, self.page = start(rondo, [file, "--workers", "2", *(a for f in fields for a in ("--set", f))], directory)

    def ask(self, path):
        with urllib.request.urlopen(self.page + path, timeout=30) as r:
            return json.loads(r.read() or b"null")

    def processors(self):
        """The processor seconds of the run's processes until now."""
        ticks = 0
        children = open(f"/proc/{self.p.pid}/task/{self.p.pid}/children").read().split()
        for task in os.listdir(f"/proc/{self.p.pid}/task"):
            children += open(f"/proc/{self.p.pid}/task/{task}/children").read().split()
        for pid in {str(self.p.pid), *children}:
            fields = open(f"/proc/{pid}/stat").read().rpartition(")")[2].split()
            ticks += int(fields[11]) + int(fields[12])
        return ticks / os.sysconf("SC_CLK_TCK")

    def step(self):
        """Waits for the end of a step, and returns the step, the clock and the processor seconds there."""
        now = self.ask("/api/status")["step"]
        while (after := self.ask("/api/status"))["step"] == now:
            time.sleep(0.005)
        return after["step"], seconds(after["now"]), self.processors()

    def checkpoint(self):
        subprocess.run([self.rondo, "checkpoint", "--run", self.name], check=True, stdout=subprocess.DEVNULL)

    def phase(self, length, every, do):
        """Returns the seconds a step, by the clock and by the processors, of so many seconds in which do is done every so often."""
        first = self.step()
        due = time.time()
        while time.time() < first[1] + length:
            if do and time.time() >= due:
                do()
                due += every
            time.sleep(0.05)
        last = self.step()
        steps = last[0] - first[0]
        return (last[1] - first[1]) / steps, (last[2] - first[2]) / steps


def share(values):
    return f"{statistics.median(values) * 100:+6.2f} %  ({' '.join(f'{v * 100:+.1f}' for v in values)})"


def main():
    a = argparse.ArgumentParser()
    a.add_argument("rondo")
    a.add_argument("--run")
    a.add_argument("--only", default="look,waterfall,checkpoint")
    a.add_argument("--phases", type=int, default=8)
    a.add_argument("--seconds", type=float, default=10)
    a.add_argument("--every", type=float, default=10)
    a = a.parse_args()
    with tempfile.TemporaryDirectory() as d:
        run = Run(os.path.abspath(a.rondo), a.run and os.path.abspath(a.run), d)
        ways = {"look": (2, lambda: run.ask("/api/health")), "waterfall": (2, lambda: run.ask("/api/waterfall")),
                "checkpoint": (a.every, run.checkpoint)}
        try:
            run.phase(5, 1, None)
            for name in a.only.split(","):
                every, do = ways[name]
                clock, processors = [], []
                for _ in range(a.phases // 4):
                    off, on, again, last = (run.phase(a.seconds, every, d) for d in (None, do, do, None))
                    clock.append((on[0] + again[0]) / (off[0] + last[0]) - 1)
                    processors.append((on[1] + again[1]) / (off[1] + last[1]) - 1)
                print(f"{name:12} a step of {off[0] * 1e3:.0f} ms; by the clock {share(clock)}; of the processors {share(processors)}; load {os.getloadavg()[0]:.1f}",
                      flush=True)
        except OSError as err:
            sys.exit(f"{err}; the run says at last:\n" + open(run.log.name).read()[-3000:])
        finally:
            run.p.terminate()
            run.p.wait()


if __name__ == "__main__":
    main()

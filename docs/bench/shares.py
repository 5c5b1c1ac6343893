"""What share of a run's processor time goes into other things than its steps: from profiles of its workers.

    python3 docs/bench/shares.py RONDO [--run RUN.yaml] [--look] [--checkpoints] [--profiles 5] [--set field=value ...]

RONDO is the program, not stripped (go build ./cmd/rondo). One run is trained by two workers on this machine, without --run that of
costs.py; each is profiled for 8 seconds, so often. With --look the status page's questions are asked every second meanwhile, with
--checkpoints one is asked for at the beginning of each profile. A share is of all samples of the workers' profiles: what other programs
take from the run does not show in it.
"""

import argparse
import os
import re
import subprocess
import sys
import tempfile
import threading
import time

from costs import Run

# The functions that each thing is done below, of package worker unless they say otherwise.
THINGS = {
    "steps": [r"\(\*trainer\)\.step"],
    "evaluation": [r"\(\*worker\)\.evaluate"],
    "reading and augmentation": [r"\(\*readAhead\)\.ahead\.func1", r"\(\*readAhead\)\.fill"],
    "mirrors": [r"\(\*trainer\)\.sendMirror", r"\(\*trainer\)\.takeMirror", r"copyParts"],
    "digests": [r"\(\*trainer\)\.compare"],
    "history and journal": [r"\(\*chronicle\)\.add", r"\(\*Journal\)\.Append"],
    "heartbeats and reports": [r"\(\*worker\)\.beat\.func1", r"\(\*session\)\.serve\.func1"],
    "looks": [r"\(\*probe\)\.\w+", r"\(\*activity\)\.look"],
    "checkpoints": [r"\(\*saver\)\.\w+"],
}


def samples(rondo, profiles, focus=None):
    """The seconds of all samples, or of those with such a function on their stack."""
    args = ["go", "tool", "pprof", "-raw", *([f"-focus={focus}"] if focus else []), rondo, *profiles]
    out = subprocess.run(args, capture_output=True, text=True, check=True).stdout
    return sum(int(ns) for ns in re.findall(r"^ +\d+ +(\d+):", out, re.M)) / 1e9


def main():
    a = argparse.ArgumentParser()
    a.add_argument("rondo")
    a.add_argument("--run")
    a.add_argument("--look", action="store_true")
    a.add_argument("--checkpoints", action="store_true")
    a.add_argument("--profiles", type=int, default=5)
    a.add_argument("--set", action="append", default=[])
    a = a.parse_args()
    rondo = os.path.abspath(a.rondo)
    with tempfile.TemporaryDirectory() as d:
        run = Run(rondo, a.run and os.path.abspath(a.run), d, a.set)
        over = threading.Event()

        def look():
            while not over.wait(1):
                for path in ("/api/status", "/api/health", "/api/waterfall"):
                    run.ask(path)

        try:
            run.phase(5, 1, None)
            if a.look:
                threading.Thread(target=look, daemon=True).start()
            profiles = []
            for i in range(a.profiles):
                if a.checkpoints:
                    run.checkpoint()
                some = [os.path.join(d, f"{i}-{w}.pprof") for w in range(2)]
                asked = [subprocess.Popen([rondo, "inspect", f"worker-{w}", "--run", run.name, "--what", "cpu", "--seconds", "8", "--out", p],
                                          stdout=subprocess.DEVNULL) for w, p in enumerate(some)]
                if any(p.wait() for p in asked):
                    sys.exit("a worker could not be profiled")
                profiles += some
            total = samples(rondo, profiles)
            print(f"{len(profiles)} profiles, {total:.1f} s of samples, load {os.getloadavg()[0]:.1f}")
            for name, functions in THINGS.items():
                took = samples(rondo, profiles, "worker(/checkpoint)?\\.(" + "|".join(functions) + ")$")
                print(f"  {name:26} {took / total * 100:6.2f} %")
        finally:
            over.set()
            run.p.terminate()
            run.p.wait()


if __name__ == "__main__":
    main()

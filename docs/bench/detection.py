"""Times from a worker's death or freeze to the coordinator's word of it, and to the next step.

    python3 docs/bench/detection.py RONDO [--kills 20] [--stops 10] [--workers 8]

RONDO is the program. A run of about 100 MB of state (weights and Adam's two moments) is trained by
so many processes on this machine; a worker chosen by a fixed seed is killed or stopped, again and
again. "Known" is the time of the event in the status, "next step" the first step of the new ring,
both by the coordinator's clock. A step's own usual time is printed and not subtracted.
"""

import argparse, json, os, random, re, signal, subprocess, sys, tempfile, time, urllib.request
from datetime import datetime

RUN = """name: detection
seed: 3
model: {kind: charlm, cell: lstm, hidden: 1024, layers: 1, embed: 1024}
data: {train: shards/train}
batch: {global: 8, lanes: 8, length: 4}
optimizer: {kind: adam, lr: 1e-3, clip: 1}
steps: 1000000
eval: {every: 0}
checkpoint: {dir: run, every: 0}
"""


def seconds(text):
    return datetime.fromisoformat(re.sub(r"(\.\d{6})\d*", r"\1", text)).timestamp()


def start(rondo, args, directory):
    """Starts rondo train, and returns its process, its log and its page's address when that is said."""
    log = open(os.path.join(directory, "out"), "w+")
    p = subprocess.Popen([rondo, "train", *args, "--status-addr", "127.0.0.1:0"], cwd=directory, stdout=log, stderr=subprocess.STDOUT)
    while not (m := re.search(r"status page\s+(http://\S+)", said := open(log.name).read())):
        if p.poll() is not None:
            sys.exit("the run has ended, and says:\n" + said)
        time.sleep(0.05)
    return p, log, m[1].rstrip("/")


class Run:
    def __init__(self, rondo, workers, directory):
        self.workers = workers
        text = os.path.join(directory, "text.txt")
        with open(text, "w") as f:
            f.write("".join(random.Random(1).choices("abcdefgh \n", k=200_000)))
        subprocess.run([rondo, "shard", "text", "--out", "shards", "text.txt"], cwd=directory, check=True, stdout=subprocess.DEVNULL)
        with open(os.path.join(directory, "run.yaml"), "w") as f:
            f.write(RUN)
        self.p, self.log, self.page = start(rondo, ["run.yaml", "--workers", str(workers), "--threads", "1"], directory)

    def status(self):
        with urllib.request.urlopen(self.page + "/api/status", timeout=10) as r:
            return json.load(r)

    def settle(self):
        """Waits for steps by all workers, and returns the status and the usual time of a step."""
        while True:
            s = self.status()
            if len(s["workers"]) == self.workers and all(w["state"] == "training" for w in s["workers"]):
                time.sleep(2)
                t = self.status()
                if t["generation"] == s["generation"] and t["step"] > s["step"]:
                    return t, (seconds(t["now"]) - seconds(s["now"])) / (t["step"] - s["step"])
            time.sleep(0.05)

    def strike(self, victim, sig):
        s, usual = self.settle()
        w = s["workers"][victim]
        at = time.time()
        os.kill(w["pid"], sig)
        while True:
            t = self.status()
            lost = [e for e in t["events"] if seconds(e["at"]) >= at and w["name"] + " was lost" in e.get("reason", "") + e["what"]]
            if lost:
                break
            time.sleep(0.005)
        known = seconds(lost[0]["at"]) - at
        generation, step = t["generation"], lost[0]["step"]
        while not (t["step"] > step):
            time.sleep(0.005)
            t = self.status()
        if sig == signal.SIGSTOP:
            os.kill(w["pid"], signal.SIGCONT)
        return known, seconds(t["now"]) - at, usual


def report(name, rows):
    print(f"{name}: {len(rows)} tries, a step usually {sorted(r[2] for r in rows)[len(rows) // 2] * 1e3:.0f} ms")
    for what, at in (("known", 0), ("next step", 1)):
        v = sorted(r[at] for r in rows)
        print(f"  {what:10} median {v[len(v) // 2] * 1e3:6.0f} ms   longest {v[-1] * 1e3:6.0f} ms", flush=True)


def main():
    a = argparse.ArgumentParser()
    a.add_argument("rondo")
    a.add_argument("--kills", type=int, default=20)
    a.add_argument("--stops", type=int, default=10)
    a.add_argument("--workers", type=int, default=8)
    a = a.parse_args()
    rng = random.Random(7)
    with tempfile.TemporaryDirectory() as d:
        run = Run(os.path.abspath(a.rondo), a.workers, d)
        try:
            print("load", *os.getloadavg())
            report("killed", [run.strike(rng.randrange(a.workers), signal.SIGKILL) for _ in range(a.kills)])
            report("frozen", [run.strike(rng.randrange(a.workers), signal.SIGSTOP) for _ in range(a.stops)])
            print("load", *os.getloadavg())
        except OSError as err:
            sys.exit(f"{err}; the run says at last:\n" + open(run.log.name).read()[-3000:])
        finally:
            run.p.terminate()
            run.p.wait()


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""Predicted against measured steps: workers in network namespaces, on lines of a given rate.

    sudo python3 docs/bench/plan.py RONDO [--workers 2,4,8] [--mbit 100,1000,10000] [--only compute,wire] [--steps 30]

For every number of workers, every rate and two runs, one bound by its computing and one by the wire, it asks
`rondo bench RUN --nodes N --cores SHARE --network RATE --byte-cost NS --quick` for the step, then trains the run: a coordinator and N
workers of one thread, each worker in a namespace of its own, whose line to a bridge takes so many Mbit/s (tbf). All share
this machine's cores, and so does the coordinator, which on a cluster has a node of its own: SHARE is a worker's of what the coordinator left, whose
processor time is read while the run goes on. The prediction is made on all cores at once, since neighbours slow each other down,
and the median of these predictions counts. A hop's latency is that of a small bucket around as many processes, and what a byte costs is measured over
the bridge, by two processes on lines of 10 Gbit/s that sum a bucket and do nothing else: it is more than over loopback. What is measured is the median time of
five steps in a row, of those behind the first fifth: where workers share a core, single steps are as one worker saw them, long and short in turns.
Packets that a line's queue had no room for are counted: a line that loses them is slower than its rate. Needs root, ip and tc (Linux). Close other programs.
"""

import argparse
import json
import os
import pathlib
import random
import re
import statistics
import subprocess
import sys
import tempfile
import time

from twin import events_of

RUN = """name: plan
seed: 1
model: {{kind: charlm, cell: lstm, hidden: {hidden}, layers: 1, embed: 64}}
data: {{train: shards/train}}
batch: {{global: {rows}, lanes: 8, length: {length}}}
optimizer: {{kind: adam, lr: 1e-3, clip: 1}}
steps: {steps}
eval: {{every: 0}}
checkpoint: {{dir: {dir}, every: 0}}
"""
RUNS = {"compute": dict(hidden=64, rows=64, length=256), "wire": dict(hidden=512, rows=8, length=16)}
NET = "10.84.0."
TOGETHER = 5  # steps that are measured as one


def ip(*args):
    subprocess.run(["ip", *args], check=True)


class Cluster:
    """A bridge in a namespace of its own, where the coordinator is, and a namespace for each worker on a line to it."""

    def __init__(self, workers, mbit):
        self.bridge = f"rondo-plan-{os.getpid()}"
        self.names = [f"{self.bridge}-{w}" for w in range(workers)]
        try:
            self.make(mbit)
        except BaseException:
            self.remove()
            raise

    def make(self, mbit):
        ip("netns", "add", self.bridge)
        ip("-n", self.bridge, "link", "add", "bridge", "type", "bridge")
        ip("-n", self.bridge, "addr", "add", NET + "254/24", "dev", "bridge")
        for device in ("bridge", "lo"):
            ip("-n", self.bridge, "link", "set", device, "up")
        for w, name in enumerate(self.names):
            ip("netns", "add", name)
            ip("link", "add", "line", "netns", name, "type", "veth", "peer", "name", f"line{w}", "netns", self.bridge)
            ip("-n", self.bridge, "link", "set", f"line{w}", "master", "bridge", "up")
            ip("-n", name, "addr", "add", f"{NET}{w + 1}/24", "dev", "line")
            for device in ("line", "lo"):
                ip("-n", name, "link", "set", device, "up")
            burst = max(mbit * 2000 // 8, 10_000)  # 2 ms of the line, for a core that looks after it late; 100 ms wait in its queue
            subprocess.run(["tc", "-n", name, "qdisc", "add", "dev", "line", "root", "tbf", "rate", f"{mbit}mbit", "burst", str(burst),
                            "latency", "100ms"], check=True)

    def lost(self):
        """How many packets the queues of all lines had no room for."""
        said = [subprocess.run(["tc", "-s", "-n", name, "qdisc", "show", "dev", "line"], check=True, capture_output=True, text=True).stdout for name in self.names]
        return sum(int(re.search(r"dropped (\d+)", text)[1]) for text in said)

    def remove(self):
        for name in [*self.names, self.bridge]:
            subprocess.run(["ip", "netns", "del", name], stderr=subprocess.DEVNULL)


def start(namespace, work, log, *args):
    return subprocess.Popen(["ip", "netns", "exec", namespace, *map(str, args)], cwd=work, stdout=open(work / log, "w"), stderr=subprocess.STDOUT)


def processor_time(pid):
    """Seconds that the threads of a process have computed, or None where it is gone."""
    try:
        return sum(int(path.read_text().split()[0]) for path in pathlib.Path(f"/proc/{pid}/task").glob("*/schedstat")) / 1e9
    except OSError:
        return None


def watch(processes, seconds):
    """Waits for all processes, and returns (time, processor time) of the first, again and again. None where they take longer."""
    seen, end = [], time.time() + seconds
    while any(p.poll() is None for p in processes):
        if time.time() > end:
            return None
        spent = processor_time(processes[0].pid)
        if spent:
            seen.append((time.time(), spent))
        time.sleep(0.05)
    return seen


def share_between(seen, begin, end):
    """Cores that a watched process took between two times."""
    within = [s for s in seen if begin <= s[0] <= end]
    return (within[-1][1] - within[0][1]) / (within[-1][0] - within[0][0]) if len(within) > 1 else 0


def measured(o, work, case, workers, mbit):
    """A step of a run in seconds, how many packets were lost, and how many cores the coordinator took."""
    name = f"{case}-{workers}-{mbit}"
    (work / "run.yaml").write_text(RUN.format(steps=o.steps, dir=name, **RUNS[case]))
    cluster = Cluster(workers, mbit)
    processes = []
    try:
        at = NET + "254:8781"
        processes.append(start(cluster.bridge, work, "coordinator.log", o.rondo, "coordinator", "run.yaml", "--workers", workers, "--listen", at,
                               "--status-addr", "", "--token-file", "token", "--record-dir", f"record-{name}", "--tensorboard", f"events-{name}"))
        for w, namespace in enumerate(cluster.names):
            processes.append(start(namespace, work, f"worker-{w}.log", o.rondo, "worker", "run.yaml", "--name", f"worker-{w}", "--join", at,
                                   "--token-file", "token", "--ring-listen", f"{NET}{w + 1}:9001", "--threads", 1))
        seen = watch(processes, 120)
        for p in processes:
            if p.poll() != 0:
                sys.exit(f"{name}: {(work / 'coordinator.log').read_text()[-600:]}{(work / 'worker-0.log').read_text()[-600:]}")
        lost = cluster.lost()
    finally:
        for p in processes:
            p.kill()
            p.wait()
        cluster.remove()
    written = [at for _, at in events_of(work / f"events-{name}", "rate")]
    written = written[len(written) // 5:]
    return statistics.median((b - a) / TOGETHER for a, b in zip(written, written[TOGETHER:])), lost, share_between(seen, written[0], written[-1])


def predicted(o, work, case, workers, mbit, cores):
    (work / "run.yaml").write_text(RUN.format(steps=o.steps, dir="none", **RUNS[case]))
    one = [o.rondo, "bench", "run.yaml", "--nodes", str(workers), "--cores", f"{min(1, cores / workers):.4f}", "--network", f"{mbit}Mbit",
           "--latency", f"{o.latency[workers]:.0f}us", "--byte-cost", f"{o.byte_cost:.3f}ns", "--quick", "--json"]
    all_at_once = [subprocess.Popen(one, cwd=work, stdout=subprocess.PIPE, text=True) for _ in range(int(o.cores))]
    found = [json.loads(p.communicate()[0])["run"]["predicted"][-1] for p in all_at_once]
    return {field: statistics.median(p[field] for p in found) for field in ("step_seconds", "compute_seconds")}


def interrupted():
    """Seconds that this machine's cores have spent on interrupts, which no process has in its time."""
    ticks = open("/proc/stat").readline().split()[6:8]
    return sum(map(int, ticks)) / os.sysconf("SC_CLK_TCK")


def byte_cost(o, work):
    """Nanoseconds of a core for a byte sent and one received, between two namespaces: of the processes, and of interrupts meanwhile."""
    subprocess.run([o.rondo, "certs", "--out", "certs"], cwd=work, check=True, capture_output=True)
    cluster, members = Cluster(2, 10000), []
    try:
        for w, namespace in enumerate(cluster.names):
            members.append(subprocess.Popen(
                ["ip", "netns", "exec", namespace, o.rondo, "bench-member", "--self", str(w), "--workers", "2", "--listen", f"tcp://{NET}{w + 1}:9001",
                 "--sizes", str(1 << 20), "--burst", "8", "--budget", "4s", "--tls-ca", "certs/ca.pem", "--tls-cert", "certs/worker.pem", "--tls-key", "certs/worker-key.pem"],
                cwd=work, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True))
        addresses = [m.stdout.readline() for m in members]
        for w, m in enumerate(members):
            m.stdin.write(addresses[1 - w])
            m.stdin.flush()
        time.sleep(1)
        before, begin = interrupted(), time.time()
        time.sleep(2)
        interrupts = (interrupted() - before) / (time.time() - begin)  # cores
        sizes = [json.loads(m.stdout.readline())[0] for m in members]
    finally:
        for m in members:
            m.kill()
            m.wait()
        cluster.remove()
    interrupts /= sum(s["sent_bytes"] / s["micros"] for s in sizes) * 1e6  # seconds a byte
    return 1e9 * (statistics.mean(s["cpu_seconds"] / s["sent_bytes"] for s in sizes) + interrupts)


def hop(o, workers):
    """Microseconds of a hop around a ring of processes on this machine: 4 KiB make 2(n-1) of them."""
    out = subprocess.run([o.rondo, "bench", "--only", "ring", "--workers", str(workers), "--ring", "tcp", "--quick", "--json"], check=True,
                         capture_output=True, text=True).stdout
    return json.loads(out)["ring"]["sizes"][0]["micros"] / (2 * (workers - 1))


def main():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    numbers = lambda text: [int(n) for n in text.split(",")]
    a.add_argument("rondo", type=pathlib.Path)
    a.add_argument("--workers", type=numbers, default=[2, 4, 8])
    a.add_argument("--mbit", type=numbers, default=[100, 1000, 10000])
    a.add_argument("--only", type=lambda text: text.split(","), default=list(RUNS))
    a.add_argument("--steps", type=int, default=30)
    a.add_argument("--cores", type=float, default=os.cpu_count(), help="that all workers share")
    a.add_argument("--byte-cost", type=float, help="nanoseconds of a core for a byte; not given: measured over the bridge")
    o = a.parse_args()
    o.rondo = o.rondo.resolve()
    with tempfile.TemporaryDirectory() as tmp:
        work = pathlib.Path(tmp)
        rng = random.Random(1)
        (work / "text.txt").write_text("".join(rng.choice("abcdefgh \n") for _ in range(1 << 20)))
        (work / "token").write_text("plan." + "".join(rng.choice("0123456789abcdef") for _ in range(32)) + "\n")
        (work / "token").chmod(0o600)
        subprocess.run([o.rondo, "shard", "text", "--valid", "0", "--out", "shards", "text.txt"], cwd=work, check=True, capture_output=True)
        print("| run | workers | line, Mbit/s | predicted, ms | of it compute | measured, ms | predicted/measured | cores of the coordinator | packets lost |\n|---|---|---|---|---|---|---|---|---|", flush=True)
        o.latency = {n: hop(o, n) for n in o.workers}
        o.byte_cost = o.byte_cost or byte_cost(o, work)
        print(f"nanoseconds a byte: {o.byte_cost:.2f}", file=sys.stderr)
        print("microseconds a hop: " + ", ".join(f"{us:.0f} of {n}" for n, us in o.latency.items()), file=sys.stderr)
        worst = 0
        for workers in o.workers:
            for case in o.only:
                for mbit in o.mbit:
                    seconds, lost, share = measured(o, work, case, workers, mbit)
                    p = predicted(o, work, case, workers, mbit, o.cores - share)
                    ratio = p["step_seconds"] / seconds
                    worst = max(worst, abs(ratio - 1))
                    print(f"| {case} | {workers} | {mbit} | {1e3 * p['step_seconds']:.1f} | {1e3 * p['compute_seconds']:.1f} | {1e3 * seconds:.1f} "
                          f"| {ratio:.3f} | {share:.3f} | {lost} |", flush=True)
        print(f"\nworst: {100 * worst:.0f} % apart")


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""All-reduce between n processes of this machine: gloo, as PyTorch brings it, and the ring, in turns.

    go build -o /tmp/ringbench ./integration/ringbench
    OMP_WAIT_POLICY=passive python3 docs/bench/allreduce_gloo.py --ringbench /tmp/ringbench

Every round measures each number of processes and size with gloo and then with each of the ring's links. A figure is the
median over rounds of a round's median of the slowest process's times; bus bandwidth is S/t * 2(n-1)/n, and the ratio is
gloo's time over ours; cpu us is the processor time of all processes together. Size 0 is 4 KiB. Without --ringbench it
measures gloo alone. With --limit each of two processes lives in a network namespace of its own, on a line of so many
Mbit/s each way (as root, with ip and tc).

At 4 KiB gloo's figure is that of its threads on few cores, not of the loop here: without the barrier between calls it is
the same (two processes on two cores: 0.55 ms with and without, PyTorch 2.15). A process has three threads for it, and
the event loop asks the system again and again while another thread holds the lock of a connection: 900 to 1,200 calls of
epoll_wait for one all-reduce (perf stat -e syscalls:sys_enter_epoll_wait), on a core that the holder waits for.
"""

import argparse
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict


def worker(a):
    import torch
    import torch.distributed as dist

    torch.set_num_threads(1)
    os.environ["GLOO_SOCKET_IFNAME"] = a.interface
    n = a.processes[0]
    dist.init_process_group("gloo", init_method=f"file://{a.store}", rank=a.rank, world_size=n)
    for mib in a.mib:
        numbers = mib << 18 if mib else 1024
        x, more = torch.zeros(numbers), torch.ones(1)
        for _ in range(2):
            dist.all_reduce(x)
        spent, began, cpu = [], time.perf_counter(), time.process_time()
        while more.item():
            for _ in range(8):
                dist.barrier()
                at = time.perf_counter()
                dist.all_reduce(x)
                spent.append(time.perf_counter() - at)
            more[0] = time.perf_counter() - began < a.seconds
            dist.broadcast(more, 0)
        cpu = torch.tensor([(time.process_time() - cpu) / len(spent)], dtype=torch.float64)
        dist.all_reduce(cpu)
        took = torch.tensor(spent, dtype=torch.float64)
        dist.all_reduce(took, op=dist.ReduceOp.MAX)
        if a.rank == 0:
            report("gloo", n, 4 * numbers, statistics.median(took.tolist()), cpu.item())
    dist.destroy_process_group()


def report(link, n, size, t, cpu):
    print(f"{link} n={n} lanes={n} wire=float32 bytes={size} us={1e6 * t:.1f} cpu={1e6 * cpu:.1f} "
          f"bus={size / t * 2 * (n - 1) / n / 1e9:.3f}GB/s", flush=True)


def gloo(a, n, line):
    """One round of gloo: n processes of this script."""
    with tempfile.TemporaryDirectory() as d:
        children = []
        for rank in range(n):
            args = [sys.executable, __file__, "--rank", str(rank), "--store", os.path.join(d, "store"), "--processes", str(n),
                    "--seconds", str(a.seconds), "--interface", line[rank][1] if line else a.interface, "--mib", *map(str, a.mib)]
            if line:
                args = ["ip", "netns", "exec", line[rank][0], *args]
            children.append(subprocess.Popen(args, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True))
        out = [c.communicate()[0] for c in children]
        if any(c.returncode for c in children):
            sys.exit("gloo failed")
        return out[0]


def ring(a, n):
    """One round of the ring over each of its links."""
    args = [a.ringbench, "-workers", str(n), "-links", a.links, "-mib", ",".join(map(str, a.mib)), "-time", f"{a.seconds}s"]
    args += ["-lanes", str(a.lanes)] if a.lanes else []
    args += ["-limit", str(a.limit)] if a.limit else []
    return subprocess.run(args, stdout=subprocess.PIPE, text=True, check=True).stdout


class Line:
    """Two namespaces on a limited line, as ringbench -limit makes them, for gloo."""

    ends = [("gloobench-a", "gloobench0", "10.83.8.1"), ("gloobench-b", "gloobench1", "10.83.8.2")]

    def __init__(self, mbit):
        self.mbit = mbit

    def __enter__(self):
        if not self.mbit:
            return None
        burst = max(self.mbit * 125, 10_000)
        commands = [f"ip netns add {ns}" for ns, _, _ in self.ends]
        commands.append("ip link add gloobench0 netns gloobench-a type veth peer name gloobench1 netns gloobench-b")
        for ns, device, address in self.ends:
            commands += [f"ip -n {ns} addr add {address}/24 dev {device}", f"ip -n {ns} link set {device} up", f"ip -n {ns} link set lo up",
                         f"tc -n {ns} qdisc add dev {device} root tbf rate {self.mbit}mbit burst {burst} latency 10ms"]
        for c in commands:
            subprocess.run(c.split(), check=True)
        return self.ends

    def __exit__(self, *_):
        if self.mbit:
            for ns, _, _ in self.ends:
                subprocess.run(["ip", "netns", "del", ns])


def compare(a):
    seen = defaultdict(list)
    row = re.compile(r"(\w+) n=(\d+) \S+ \S+ bytes=(\d+) us=(\S+) cpu=(\S+)")
    for _ in range(a.rounds):
        for n in a.processes:
            with Line(a.limit) as line:
                out = gloo(a, n, line)
            if a.ringbench:
                out += ring(a, n)
            for link, n_, size, us, cpu in row.findall(out):
                seen[int(n_), int(size), link].append((float(us), float(cpu)))
    print(f"{'link':6}{'n':>3}{'bytes':>10}{'us':>11}{'cpu us':>11}{'bus GB/s':>10}{'x gloo':>8}")
    base = {}
    for (n, size, link), rows in sorted(seen.items(), key=lambda e: (e[0][:2], e[0][2] != "gloo", e[0][2])):
        us, cpu = (statistics.median(v) for v in zip(*rows))
        if link == "gloo":
            base[n, size] = us
        print(f"{link:6}{n:3}{size:10}{us:11.1f}{cpu:11.1f}{size / us * 2 * (n - 1) / n / 1e3:10.3f}{base[n, size] / us:8.2f}")


def main():
    p = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    p.add_argument("--ringbench", help="the program of integration/ringbench")
    p.add_argument("--links", default="shm,unix,tcp,tls")
    p.add_argument("--lanes", type=int, default=0, help="of the ring; 0: one a process")
    p.add_argument("--processes", type=int, nargs="+", default=[2, 4])
    p.add_argument("--mib", type=int, nargs="+", default=[0, 1, 16, 64])
    p.add_argument("--seconds", type=float, default=1, help="for each size, in each round")
    p.add_argument("--rounds", type=int, default=5)
    p.add_argument("--limit", type=int, default=0, help="Mbit/s")
    p.add_argument("--interface", default="lo")
    p.add_argument("--rank", type=int, help="for the script's own use")
    p.add_argument("--store", help="for the script's own use")
    a = p.parse_args()
    compare(a) if a.rank is None else worker(a)


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""Square single-precision products in OpenBLAS on one core, the other side of `go test ./tensor -bench Sgemm`.

    python3 docs/bench/sgemm_openblas.py [--seconds 1]

Prints the best speed by the processor time of the thread. OPENBLAS names the library if it is not the system's.
"""

import argparse
import ctypes
import ctypes.util
import os
import time

import numpy


def library():
    name = os.environ.get("OPENBLAS") or ctypes.util.find_library("openblas")
    if not name:
        raise SystemExit("no OpenBLAS; install libopenblas0 or name the library with OPENBLAS=…")
    return ctypes.CDLL(name)


def main():
    a = argparse.ArgumentParser()
    a.add_argument("--seconds", type=float, default=1.0, help="for each size")
    o = a.parse_args()
    blas = library()
    blas.openblas_set_num_threads(1)
    blas.openblas_get_config.restype = ctypes.c_char_p
    print(blas.openblas_get_config().decode())
    row_major, plain = 101, 111
    one, pointer = ctypes.c_float(1), ctypes.POINTER(ctypes.c_float)
    for n in (1024, 2048):
        random = numpy.random.default_rng(1)
        x, y, c = (random.random((n, n), dtype=numpy.float32) - 0.5 for _ in range(3))
        px, py, pc = (m.ctypes.data_as(pointer) for m in (x, y, c))

        def run():
            blas.cblas_sgemm(row_major, plain, plain, n, n, n, one, px, n, py, n, one, pc, n)

        run()
        best, end = float("inf"), time.perf_counter() + o.seconds
        while best == float("inf") or time.perf_counter() < end:
            began = time.thread_time()
            run()
            best = min(best, time.thread_time() - began)
        print(f"sgemm-{n}  {2 * n**3 / best / 1e9:8.1f} GFLOP/s", flush=True)


main()

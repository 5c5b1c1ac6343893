#!/bin/sh
# Every comparison that this repository can make, side by side in one session, as one table.
#
#     PYTHON=/path/to/python docs/bench/all.sh [--rounds 3] [--large] [--only tile,sgemm,conv,steps,images,overlap,ring,line]
#
# PYTHON has PyTorch and NumPy; OpenBLAS is the system's. Ours and the other side take turns, a round each, on the
# same cores; a figure is the median of the rounds. It takes about half an hour. See docs/bench/all.py.
set -eu
cd "$(dirname "$0")/../.."
export CGO_ENABLED=0 OMP_WAIT_POLICY=passive
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
go test -c -o "$dir/kernel.test" ./tensor/internal/kernel
go test -c -o "$dir/tensor.test" ./tensor
go test -c -o "$dir/worker.test" ./worker
if [ -d integration/ringbench ]; then go build -o "$dir/ringbench" ./integration/ringbench; fi
"${PYTHON:-python3}" docs/bench/all.py --bin "$dir" "$@"

#!/bin/sh
# Every layer against PyTorch's, forward and backward, side by side as one table.
#
#     PYTHON=/path/to/python docs/bench/layers.sh [--rounds 3] [--seconds 0.5] [--only REGEX] [--threads 2]
#
# PYTHON has PyTorch. See docs/bench/layers.py, and BenchmarkLayers in package nn for our side.
set -eu
cd "$(dirname "$0")/../.."
export CGO_ENABLED=0
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
go test -c -o "$dir/nn.test" ./nn
"${PYTHON:-python3}" docs/bench/layers.py --bin "$dir" "$@"

#!/bin/sh
# The networks of the zoo: training steps of a member of each family beside PyTorch's, in speed and memory; inference of one image by
# each beside PyTorch's and onnxruntime's; and inference of all with published accuracy, whose pictures go to DIR.
#
#     PYTHON=/path/to/python docs/bench/zoo.sh DIR [--rounds 2] [--seconds 3] [--only REGEX] [--threads 2]
#
# PYTHON has PyTorch, torchvision, timm and onnxruntime; the flags are those of docs/bench/families.py and inference.py, which do the
# first two parts. Nothing else may run meanwhile. Of 18 networks a round of training is 3 runs of some 10 seconds each: with two
# rounds reckon with half an hour to an hour on two cores, and with a quarter of an hour for inference.
set -eu
out=${1:?usage: docs/bench/zoo.sh DIR [flags of families.py]}
shift
mkdir -p "$out"
out=$(cd "$out" && pwd)
cd "$(dirname "$0")/../.."
export CGO_ENABLED=0
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
go test -c -o "$dir/worker.test" ./worker
go build -o "$dir/rondo" ./cmd/rondo
"${PYTHON:-python3}" docs/bench/families.py --bin "$dir" "$@"
"${PYTHON:-python3}" docs/bench/inference.py "$dir/rondo" "$@"
"$dir/rondo" bench --models --out "$out"

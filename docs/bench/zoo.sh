#!/bin/sh
# The networks of the zoo: training steps of a member of each family beside PyTorch's, in speed and memory, and inference of
# all with published accuracy, as tables; the pictures of inference go to DIR.
#
#     PYTHON=/path/to/python docs/bench/zoo.sh DIR [--rounds 2] [--seconds 3] [--only REGEX] [--threads 2]
#
# PYTHON has PyTorch, torchvision and timm; the flags are those of docs/bench/families.py, which does the first part. Nothing
# else may run meanwhile. Of 18 networks a round is 3 runs of some 10 seconds each: with two rounds reckon with half an hour to
# an hour on two cores, and with some minutes for inference.
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
"$dir/rondo" bench --models --out "$out"

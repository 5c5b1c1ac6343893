#!/bin/sh
# Decoding and resizing JPEGs against Pillow, and cutting them and MNIST-style files into shards.
#
#     PYTHON=/path/to/python docs/bench/pictures.sh [--rounds 3] [--jpegs DIR] [--idx DIR]
#
# PYTHON has Pillow and NumPy. See docs/bench/pictures.py, and BenchmarkFiles in package picture for our side.
set -eu
cd "$(dirname "$0")/../.."
export CGO_ENABLED=0
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
go test -c -o "$dir/picture.test" ./data/picture
go build -o "$dir/rondo" ./cmd/rondo
"${PYTHON:-python3}" docs/bench/pictures.py --bin "$dir" "$@"

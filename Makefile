# Rondo. `make` lists the targets.

export CGO_ENABLED = 0

BIN         := bin/rondo
GOSOURCE    := $(shell go env GOROOT)/src
STATICCHECK := honnef.co/go/tools/cmd/staticcheck@v0.8.2
GOVULNCHECK := golang.org/x/vuln/cmd/govulncheck@latest
FUZZTIME    ?= 10s
COUNT       ?= 6
SEEDS       ?= 2000
EVERY       ?= 5
# Packages whose tests start goroutines of their own and are run under the race detector too.
# Those that take longest begin first, so that none is alone at the end.
RACY        := ./worker/... ./tensor/... ./coordinator/... ./allreduce/... ./nn/... ./data/... ./cmd/...

.PHONY: help
help: ## list the targets
	@grep -hE '^[a-z0-9]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z0-9]+):.*## (.*)/\1\t\2/' | expand -t 12

# How a release is built. bin/release.mod is go.mod with one dependency replaced, for a smaller binary: see cmd/rondo/release.
RELEASE     := -modfile=bin/release.mod -tags grpcnotrace -trimpath -ldflags '-s -w'

bin/release.mod: go.mod go.sum
	@mkdir -p bin && cp go.sum bin/release.sum && cp go.mod $@
	@go mod edit -replace=github.com/google/go-cmp=./cmd/rondo/release $@

.PHONY: build
build: bin/release.mod ## build bin/rondo, one static binary
	go build $(RELEASE) -o $(BIN) ./cmd/rondo

shards/go-source/valid/set.json: | build
	$(BIN) shard text --out shards/go-source --valid 0.05 --include '*.go' --overwrite $(GOSOURCE)

.PHONY: train
train: build shards/go-source/valid/set.json ## train a character LSTM on Go's own source, on this machine
	$(BIN) train examples/go-source.yaml --workers 2 --resume

VERSION := $(shell sed -n 's/^var release = "\(.*\)"/\1/p' coordinator/api/version.go)
IMAGE   ?= rondo:$(VERSION)

.PHONY: image
image: bin/release.mod ## bin/rondo-image.tar, for amd64 and arm64, that docker load, ctr and kind take; no Docker needed (IMAGE names it)
	@set -e; for a in amd64 arm64; do echo "bin/$$a/rondo"; \
	  GOARCH=$$a go build $(RELEASE) -buildvcs=true -o bin/$$a/rondo ./cmd/rondo; done
	cd k8s/image && go run . --out ../../bin/rondo-image.tar --tag $(IMAGE) \
	  --created "$$(git log -1 --format=%ct)" --revision "$$(git rev-parse HEAD)" \
	  linux/amd64=../../bin/amd64/rondo linux/arm64=../../bin/arm64/rondo

.PHONY: test
test: ## unit, property, race and multi-process tests
	go vet ./...
	go test -timeout 20m ./integration ./... # by far the longest begins first: the others run beside it
	@if command -v $$(go env CC) >/dev/null 2>&1; then \
	  echo 'CGO_ENABLED=1 go test -race -short -timeout 20m $(RACY)'; CGO_ENABLED=1 go test -race -short -timeout 20m $(RACY); \
	else echo 'no C compiler, which the race detector needs: its part is left out'; fi
	$(MAKE) manifests

.PHONY: manifests
manifests: ## the manifests of k8s/ and what packs the image: modules of their own
	cd k8s/image && go vet ./... && go test ./...
	cd k8s/check && go vet ./... && go test -count=1 ./... # go test would not see that manifests have changed, outside the module

.PHONY: integ
integ: ## the multi-process tests in full
	go test -count=1 ./integration -args -full

STORM ?= 3m

.PHONY: chaos
chaos: shards/go-source/valid/set.json ## faults every 10 s on the example's run, for STORM (3m): the digest of the calm run
	rm -rf runs/storm-calm runs/storm-chaos
	$(BIN) chaos examples/go-source.yaml --workers 4 --faults kill,two,stop,cut,term,leave,join --every 10s --for $(STORM) \
	  --set checkpoint.dir=runs/storm

SOAK ?= 1h

.PHONY: soak
soak: ## a small run for SOAK (1h) in peace, and as far under faults: digest, memory, open files
	go test -count=1 -timeout 0 -v ./integration -run '^TestSoak$$' -args -soak $(SOAK)

.PHONY: sim
sim: ## whole runs under a virtual clock: faults by 2,000 seeds (SEEDS=50000 for more), and at every 5th moment of a process (EVERY=1: at each)
	go test -count=1 -timeout 10h ./worker -run '^TestSimulation$$' -args -sim.seeds $(SEEDS)
	go test -count=1 -timeout 10h ./worker -run '^TestEveryMoment$$' -args -sim.every $(EVERY)

.PHONY: cluster
cluster: ## k8s/ on a real Kubernetes cluster on this machine: Linux, root, at first half an hour of building
	cd integration/cluster && go run ./build && go vet ./... && go test ./binaries ./lab && go test -count=1 -v -timeout 45m . -args -full

.PHONY: browser
browser: ## the status page in a headless Chromium (RONDO_CHROMIUM names it)
	go test -count=1 -timeout 20m -tags browser ./coordinator/web/...
	go test -count=1 -timeout 20m -tags browser ./integration -run '^(TestStatusPage|TestPageShowsTheEnd)$$'

.PHONY: avx512
avx512: ## the kernels' tests on the AVX-512 tier, on any linux/amd64: .ci/evex computes what the processor lacks
	go vet ./.ci/evex && go build -o bin/evex ./.ci/evex
	@set -e; for p in tensor tensor/internal/kernel; do t=$(CURDIR)/bin/$$(basename $$p).test; \
	  echo "$$p"; go test -c -o $$t ./$$p; cd $(CURDIR)/$$p; \
	  $(CURDIR)/bin/evex $$t $(SHORT) -test.run '/avx512' -test.skip 'Large|Steady|Allocate$(SKIP)'; \
	  EVEX_NO_BF16=1 $(CURDIR)/bin/evex $$t $(SHORT) -test.run '(BF16|Flushed)/avx512'; cd $(CURDIR); \
	done

.PHONY: onnx
onnx: ## exported networks in onnxruntime (PYTHON_ONNX=/path/to/python, which has onnx and onnxruntime; ONNX_ONLY=resnet: some)
	@test -n "$$PYTHON_ONNX" || { echo 'PYTHON_ONNX names no Python that has onnx and onnxruntime'; exit 1; }
	go test -count=1 -v -timeout 30m ./nn/onnx -run '^TestRuntime$$'

# QEMU loses a last bit of fused products where subnormal numbers are zero: tests of that need a real processor.
.PHONY: amd64
amd64: ## the kernels' tests on processors with AVX2 alone, and with neither (SHORT=-test.short: some; needs qemu-x86_64: Debian's qemu-user)
	@set -e; for p in tensor tensor/internal/kernel; do t=$(CURDIR)/bin/$$(basename $$p)-amd64.test; \
	  echo "$$p"; go test -c -o $$t ./$$p; cd $(CURDIR)/$$p; for cpu in max,-avx512f Nehalem; do \
	  qemu-x86_64 -cpu $$cpu $$t $(SHORT) -test.skip 'Large|Steady|Allocate|Flushed|BlockTile'; done; cd $(CURDIR); \
	done

.PHONY: arm64
arm64: ## the kernels' tests on arm64 (SHORT=-test.short: some), and a worker there in a ring (needs qemu-aarch64: Debian's qemu-user)
	@set -e; for p in tensor tensor/internal/kernel; do t=$(CURDIR)/bin/$$(basename $$p)-arm64.test; \
	  echo "$$p"; GOARCH=arm64 go test -c -o $$t ./$$p; cd $(CURDIR)/$$p; \
	  qemu-aarch64 $$t $(SHORT) -test.skip 'Large|Steady|Allocate'; cd $(CURDIR); \
	done
	go test -count=1 -tags qemu ./integration -run ARM64

.PHONY: lint
lint: ## gofmt, vet, staticcheck, cross-vet, govulncheck where its database can be reached
	@test -z "$$(gofmt -l .)" || { gofmt -l .; echo 'not gofmt-ed'; exit 1; }
	go vet ./... && go vet -tags browser,qemu ./...
	GOARCH=arm64 go vet ./tensor/... ./nn ./allreduce ./data/picture/...
	go vet -tags purego ./tensor/... ./data/picture/...
	go run $(STATICCHECK) ./... && go run $(STATICCHECK) -tags browser ./...
	@go run $(GOVULNCHECK) ./... || { s=$$?; test $$s -ne 3 && echo 'govulncheck could not run' || exit 1; }

.PHONY: fuzz
fuzz: ## every decoder for FUZZTIME (10s)
	@set -e; for p in $$(grep -rlE --include='*_test.go' '^func Fuzz' . | xargs -n1 dirname | sort -u); do \
	  for f in $$(sed -nE 's/^func (Fuzz[A-Za-z0-9_]*)\(.*/\1/p' $$p/*_test.go); do \
	    echo "$$p $$f"; .ci/fuzz $$p $$f $(FUZZTIME); \
	  done; done

.PHONY: bench
bench: ## all benchmarks, COUNT (6) times, for benchstat
	go test -run '^$$' -bench . -count $(COUNT) ./tensor/... ./nn ./allreduce ./worker

.PHONY: proto
proto: ## make coordinator/api/*.pb.go again (needs protoc and its two Go plugins)
	cd coordinator/api && protoc --go_out=. --go_opt=paths=source_relative \
	  --go-grpc_out=. --go-grpc_opt=paths=source_relative api.proto

.PHONY: clean
clean: ## remove what was built; runs and shards stay
	rm -rf bin

// Package cluster holds the tests on a real Kubernetes cluster, which lab brings up
// on this machine: `make cluster` builds its binaries once (binaries) and runs them
// all. They apply the manifests of k8s/ as a user does it, with kubectl, and ask
// that a run ends with the digest of `rondo train`, whatever happens to its pods.
//
// The module is one of its own and needs no other: what a cluster is built from is
// pinned in builds/, whose dependencies reach neither Rondo nor these tests.
//
// Without root, or without the binaries, the tests say so and are skipped.
package cluster

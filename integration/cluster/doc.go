// Package cluster holds the tests on a real Kubernetes cluster, which lab brings up
// on this machine: `make cluster` builds its binaries once (binaries) and runs them
// all. They apply the manifests of k8s/ as a user does it, with kubectl, and ask
// that a run ends with the digest of `rondo train`, whatever happens to its pods.
//
//	TestDev, TestPool             overlay dev: to the end; all that a cluster does to a pool
//	TestProd, TestRefused         three etcd and two coordinators; a run file that is refused
//	TestJob, TestJobSet           workers as a Job, and as a JobSet by its controller
//	TestTrainJob                  as a TrainJob by Kubeflow's Trainer
//	TestHPA                       a pool of the size that Kubernetes' autoscaler reads off the coordinator
//	TestCertificates              certificates in the place of tokens
//	TestBucket                    checkpoints in an S3: their time, their memory, going on from there
//	TestContext                   commands from outside, by kubectl and a kubeconfig
//	TestOverlays, TestComponents  every overlay and component as the API server checks it
//
// The controllers of JobSet and Trainer are built from their modules, and run as pods with
// their webhooks. Of cert-manager, KEDA, Kueue and Prometheus' operator none runs here: the API
// server checks our objects against their projects' definitions, and that is all.
//
// The module is one of its own and needs no other: what a cluster is built from is
// pinned in builds/, whose dependencies reach neither Rondo nor these tests.
//
// Without root, or without the binaries, the tests say so and are skipped.
package cluster

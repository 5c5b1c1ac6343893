// Package lab runs a Kubernetes cluster on this machine and takes it away again.
// Nothing in it is a stand-in: API server, controllers, scheduler, kubelets,
// containerd, kube-proxy and CoreDNS are those of any cluster. It is there in
// about ten seconds and needs 1 GB of memory.
//
// # Where it runs
//
// The cluster and the tests run in mount, network and process namespaces of their
// own (Main), so that addresses, mounts and sysctls of the machine stay as they
// are, and the kernel ends every process when the tests end, however they do.
// Only cgroups are the machine's: they lie below one that is named for the test,
// and Main removes it.
//
//	machine ── test binary ──┐ Main: unshare, remove the cgroups afterwards
//	                         ├─ reaper (process 1)
//	                         └─ test binary: Start ─┬─ etcd, kube-apiserver, controllers, scheduler
//	                                                ├─ node0: containerd, kubelet     10.99.0.1, pods 10.88.0.0/24
//	                                                ├─ node1: containerd, kubelet     10.99.0.2, pods 10.88.1.0/24
//	                                                └─ kube-proxy, CoreDNS
//
// Both nodes are in one network namespace: kube-proxy and CoreDNS serve both, and
// a test reaches pods at their addresses. Their containerds and kubelets are apart.
//
// # What it does not have
//
// Network policies are not enforced (the bridge plugin has none), and there are no
// metrics API and no provisioner of volumes.
package lab

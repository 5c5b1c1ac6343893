// Package binaries makes what a Kubernetes cluster is made of and keeps it: the
// control plane, the kubelet and kubectl, CoreDNS, etcd and the controllers of JobSet and Trainer are built from Go
// modules, whose versions and checksums stand in ../builds; containerd, runc, the
// CNI plugins and nft are taken from Debian's packages, unpacked and not
// installed. The custom resources that k8s/components uses are copied out of
// their projects' modules.
//
// It needs Go, and apt-get and dpkg-deb for the packages. A first build takes
// 20 to 40 minutes of two cores, more than 1 GB of downloads and 5 GB of Go's build cache;
// afterwards 0.9 GB of binaries lie in the cache and nothing is built again until
// a version changes.
package binaries

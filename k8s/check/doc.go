// Package check holds the tests of the manifests in k8s/. They build every overlay, and every component on the overlays that
// it fits, with kustomize as a library, decode the result strictly into the types of Kubernetes and of the engines around
// it, and read in it whether the rules of k8s/README.md are kept. What containers are given is compared with the program:
// its flags, and the run file. Alerts and dashboard are read by the parser of Prometheus.
//
// It is a module of its own, so that Kubernetes' dependencies stay out of Rondo's.
package check

// Image packs the static binary into an archive of a container image, without Docker:
//
//	image --out rondo.tar --tag rondo:0.15.0 linux/amd64=bin/amd64/rondo linux/arm64=bin/arm64/rondo
//
// The archive is an OCI image layout and, by one file more, what `docker save` writes. So `docker load`, `podman load`,
// `ctr images import` and `kind load image-archive` take it, `crane push` takes the first platform of it, and unpacked
// it is a directory for `crane push --index`, `skopeo` and `oras`. Docker without containerd's image store knows one
// platform an archive: it gets the first one.
//
// The image holds the binary, the certificates of Mozilla's authorities and the names of its user, 65532, and nothing
// else: no shell, no time zones, no /tmp. What is written goes to volumes.
//
// Nothing in the archive depends on the machine or on the day. The same binaries, tag, time and authorities (pinned in
// go.mod) give the same bytes, so the same commit built by the same Go gives the same digest.
//
// It is a module of its own, so that what its tests check it with stays out of Rondo's.
package main

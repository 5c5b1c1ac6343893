// Package identity gives each process of a run a certificate, and makes of it the mutual-TLS configurations
// by which the processes know each other.
//
// Every TCP connection is TLS 1.3, and both ends show a certificate. A peer without one, with one of
// another authority, or with one that has expired is refused in the handshake: none of its bytes reach the
// code above.
//
// # What is checked
//
// A peer is let in when its certificate was issued by our authority and carries the DNS name "rondo" (Role).
// Host names and addresses are not compared. In a cluster a process is reached by whatever address the
// scheduler gave it today, often a bare IP that no certificate could have named in advance; a check of host
// names would be switched off by the first user who met it. What has to be told apart is "a process of this
// run" from "anything else", and that is what holding a key signed by the run's authority says. It follows
// that an authority must not be shared by runs that do not trust each other, and that a worker's key can
// pose as the coordinator: keys are to be kept as one would keep the data they lead to. The role keeps out
// certificates that the same authority gave to other programs.
//
// # Where certificates come from
//
// On one machine `rondo train` makes a throw-away Authority, whose key never leaves its memory, and writes
// certificates for its own processes into a directory that only the user can enter. In a cluster they come
// from files (--tls-ca, --tls-cert, --tls-key), made by whatever the cluster has for this; they need the DNS
// name "rondo" and both the server and client extended key usages.
//
// A certificate and key that are replaced on disk are taken up at the next handshake. The authority is read
// once: to move to another, first put both into the file of --tls-ca.
package identity

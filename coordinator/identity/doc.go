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
// that an authority must not be shared by runs that do not trust each other. The name keeps out certificates
// that the same authority gave to other programs.
//
// # Roles
//
// Further DNS names say what a process may do:
//
//	coordinator.rondo   lead a run or stand by, and steer
//	operator.rondo      steer: rondo stop, rondo checkpoint
//	worker.rondo        be a worker of any name
//	NAME.worker.rondo   be the worker that is started with --name NAME, and no other
//
// A certificate with none of them may be any worker, and nothing else. So the key of a worker cannot pose as
// the coordinator, stop a run from outside, or, with a name, pose as another worker. A worker checks the
// coordinator that it dials, the coordinator who joins and who steers, and neighbours in the ring each other.
// Whoever is refused is told the name that the certificate lacks.
//
// # Where certificates come from
//
// On one machine `rondo train` makes a throw-away Authority, whose key never leaves its memory, and writes
// certificates for its own processes into a directory that only the user can enter. In a cluster they come
// from files (--tls-ca, --tls-cert, --tls-key), made by `rondo certs` or by whatever the cluster has for this; they
// need the DNS name "rondo", that of the role, and both the server and client extended key usages.
//
// A certificate and key that are replaced on disk are taken up at the next handshake. The authority is read
// once: to move to another, first put both into the file of --tls-ca.
package identity

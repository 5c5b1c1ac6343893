// Package dirlock lets the processes of one run hold a directory together, and keeps those of every other run out.
//
// A file in the directory, named owner, is locked (flock) as long as any of the processes lives, and says in JSON
// which run they belong to. The kernel lets go of a lock when its process ends, however it ends, so a dead
// process never stands in anybody's way: the next run writes its own name over the old one. The file itself stays, for
// to remove a file that others are about to lock would let two runs in.
//
// Linux carries flock between the hosts of an NFS file system.
//
// In an object store, which locks nothing, the file is a lease that the processes of the run renew by conditional writes; see
// docs/architecture.md.
package dirlock

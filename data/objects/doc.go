// Package objects keeps files in object stores, whichever a program has registered.
//
// # What a store must promise
//
// An object is put whole or not at all, and who reads one after it was put sees it ([Store.Put], [Store.Read],
// [Store.Stat]). [IfAbsent] puts an object only where none is, whoever else tries at the same time. [Probe] asks a
// store for that before anything depends on it.
//
// A list may lag behind: nothing here or above takes an object for absent because a list lacks it, nor for present
// because a list holds it.
//
// # Errors and retries
//
// What may pass (a connection that breaks, status 500, 503, 429) is tried again with growing pauses, of a minute in
// all. The answer of a write may be lost although the write was done: a conditional put that is refused on a second
// try reads what is there, and has succeeded if that is what it meant to write. A finished upload is told from another's
// by a text of its own in the object's metadata. What will not pass ends at once with an [*Error], which names the
// bucket, the object and what to do; errors.Is tells [io/fs.ErrNotExist] and [io/fs.ErrExist].
//
// # Names
//
// An address is scheme://bucket/key, as in "s3://data/shards/train". [Join] and [Dir] take addresses as well as paths
// of the file system, and leave the two slashes of an address alone. Package data/objects/s3 registers
// what opens s3://, a program of one's own may register more; secrets come from their surroundings, never from an address.
package objects

// Package files finds the files that paths name: the first step of every cutting of raw data into shards.
//
// # Rules
//
//   - A path is a file, a directory, which is walked, or a pattern in the form of [path/filepath.Match].
//   - A file named by its own path must be usable: what speaks against it is an error. A file found in a directory
//     or by a pattern is left out instead, and every file left out is returned with its reason as a [LeftOut].
//   - A file counts once, however many paths and symbolic or hard links lead to it: by device and inode, not by path.
//     So no file can come to lie on both sides of a split.
//   - Links to directories are not followed, except where a path is one.
//   - Hidden files and directories, and what Rondo itself wrote (shard sets, checkpoints, records of runs, logs), are
//     left out of a walk.
//   - A directory that cannot be read is left out, and the walk goes on.
//
// Nothing is opened but directories and the first bytes of files called set.json: a pipe would wait for ever.
//
// The key of a file is its path relative to the directory it was found in. Hashes of keys order and split the data, so
// the same files give the same shards wherever they lie.
package files

// Package checkpoint writes, commits, checks, loads and removes checkpoints.
//
// # Layout
//
// A run's checkpoint directory holds a directory for each checkpoint:
//
//	step-000001200/
//	    weights.safetensors      the parameters, named as PyTorch names them
//	    optimizer.safetensors    the optimizer's state
//	    lane-000.safetensors     the state that lane 0 carries from step to step
//	    …
//	    manifest.json            what the checkpoint is, and every file's size and SHA-256
//	directory-id                 random text, by which workers tell that they share the directory
//
// The part of a file's name before the first dot is its group. The tensors of a group may be spread over
// several files (weights.001.safetensors); a tensor's name is unique within its group.
//
// # Whole or not at all
//
//  1. WriteFile, by the workers, in any order: the file goes to a temporary name, is synced, renamed into
//     place, and the directory is synced.
//  2. VerifyFile, by another worker: the file is read back and compared with what its writer meant.
//  3. Commit, by one: manifest.json goes to a temporary name, is synced, renamed into place, and both
//     directories are synced. The rename is the moment at which the checkpoint comes to be.
//  4. Rotate, by one: the oldest checkpoints go, each manifest first.
//
// When any of this fails, on a full disk say, Discard takes away what was written.
//
// A directory without manifest.json is not a checkpoint and nothing reads it. So a crash between any two
// operations, with or without the loss of what was not synced, leaves the checkpoint before or the new one.
// A committed checkpoint is never written again: WriteFile and Commit answer ErrCommitted.
//
// # Digest
//
// The digest is the SHA-256 over all that a checkpoint holds, in name order: step, epoch, the hashes of the
// data and of the bits-deciding fields, the learning rates that were set from outside, then for each tensor its group, name, element type, shape and the
// SHA-256 of its bytes. It does not depend on which worker wrote what, on the run's name or on the version
// that wrote it, and it can be had from memory (Describe) as well as from disk.
package checkpoint

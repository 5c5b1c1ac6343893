// Package runfile reads the run file: the YAML that says what a run trains, on what, and for how long.
//
// It is decoded strictly. An unknown field, a value of the wrong type or an impossible one is an error that
// names the file, the line, the field by its path (batch.lanes), what was found and what is allowed; a field
// that is nearly a known one is answered with the known one. Load and Parse return a File in which every
// field is filled in: one given by --set wins over one in the file, and that over the default.
//
// Every field is one line of the table in fields.go; decoding, --set, the checks, YAML and Bits all walk
// that table, so a new field is added in one place. Which fields of the section model a kind of model reads, and their
// defaults, is what it was registered with in nn/zoo.
//
// # Bits
//
// Some fields decide the bits of the result (the model, the batch, the optimizer, the schedule, the seed,
// the number of steps, batch statistics); others do not (the run's name, where data and checkpoints lie,
// when to save and to evaluate). Bits returns the first kind as canonical text. Checkpoints carry it, and
// a worker or a checkpoint whose Bits differ belongs to another run; Diff names the fields.
//
// Where the data lie does not decide the bits, but what they hold does: the hash of the data travels
// beside Bits, not within.
//
// # Paths
//
// Relative paths (data.train, data.valid, checkpoint.dir) are relative to the working directory of the
// process that reads them, not to the run file, so a run file can lie anywhere.
package runfile

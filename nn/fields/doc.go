// Package fields describes the fields that a struct has in a run file.
//
// Whoever declares something that a user configures, a kind of model or a task,
// writes one struct, with a tag for each field:
//
//	type LeNet struct {
//		Classes int     `field:"classes" allowed:"[1, 65536]" about:"what the images are told apart into"`
//		Dropout float64 `field:"dropout" allowed:"[0, 1)" about:"rate before the last layer"`
//		Cell    string  `field:"cell" oneof:"gru, lstm" about:"kind of the recurrent layer"`
//	}
//
// and all else follows from it: the fields are read from a run file and checked
// there, with the line in the error, printed, listed by `rondo models` or `rondo
// tasks`, and they decide the bits of a run. The tags are
//
//	field    the name in the run file; a struct field without it is none
//	allowed  what a number may be, as an interval: [1, 64], (0, inf), [0, 1)
//	oneof    the words that a text may be, with commas between them
//	among    in place of oneof, the name of a list of words that programs add to ([List])
//	about    what it is, in a few words
//	unsaid   the value that is left out of what decides bits: that of all runs
//	         from before the field was
//
// The types are string, int, uint64, float64, bool, []int and []float64.
package fields

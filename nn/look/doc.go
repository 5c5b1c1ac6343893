// Package look asks a network that has learnt what it sees in pictures, sequences and texts.
//
// It knows no architectures: a [Lens] is any network on a tape, and its layers are
// the operations of that tape by their names, as "conv1" or "layer1.0.relu1".
//
//	maps       what a layer yields for a picture: [Lens.Maps]
//	field      the pixels that a unit is computed from: [Lens.Field]
//	patches    where in a data set a channel is strongest: [Strongest]
//	projection what of a picture makes a unit as strong as it is: [Lens.Project],
//	           by a deconvolutional network (Zeiler, Fergus 2014), by guided or
//	           plain gradients
//	maximize   a picture that a unit is strong for, found by climbing: [Lens.Maximize]
//
// Of sequences of numbers, and of sounds, a [Sequence] sees all layers over time, what LSTMs remember,
// and the gradient of an answer back to each frame. Of texts of which a network tells something it does so, too, and
// [Sequence.Pushes] is what each symbol adds to an answer.
//
// Of texts, [Read] records what every cell holds at each character and what the
// network expects next, [Cells.Rank] finds the cells that stand out in a range,
// [Cells.Runs] where else a cell is on, and [Influence] how much earlier characters
// matter. [Excerpts] searches parts of a data set for where a cell is on.
//
// All is for inference: dropout drops nothing, norms take their running statistics.
// Weights are never changed, and whatever is random is keyed by a seed, so the same
// question has the same answer.
package look

// Package health says how the layers of a network fare, from numbers that a step of training has anyway: weights,
// gradients, updates, activations, gates. Its functions take slices and hold nothing, so whoever trains decides when
// they are worth their time.
//
// A [Tally] goes once over values and yields a [Distribution]: moments, quantiles, and a histogram whose bins are two an
// octave, for both signs. Bins of equal width say little of weights and less of gradients, which spread over many powers of
// ten around zero; these have the same edges in every step and every run, so histograms can be laid side by side and added.
// Values that are not finite are counted and enter nothing else.
//
// [Units] finds columns that are zero on every row, [Gates] the share of gates that are open or closed for good.
//
// [Judge] turns the signs of a layer into one sentence, by the first of its [Rules] that applies. The numbers in them are
// rules of thumb: an update of a thousandth of the weights is usual, a hundred times more or ten times less is worth a look.
package health

// Package probe asks what a network that reads texts has learnt about a property that it was never told of, as the
// sentiment of a review (Radford, Jozefowicz and Sutskever 2017).
//
// The network reads each labelled text from a state of zeros; what a cell layer holds behind the text's last byte
// are the text's features:
//
//	x, err := probe.States(ctx, net, pool, texts, probe.StateOptions{})   // [texts, units]
//
// A logistic regression with an L1 penalty tells the two classes apart by them (see [Fit]):
//
//	minimize  C·Σ log(1 + exp(-y_i·(x_i·w + b))) + ‖w‖₁,   y_i = ±1
//
// This is the objective of scikit-learn and liblinear. The intercept b is not penalized: scikit-learn's saga has it
// so, its liblinear penalizes b too. [Fit] stops when the optimality conditions hold within [Options.Tolerance].
//
// # Words
//
//	C         weight of the texts against the penalty: the smaller, the fewer units count
//	path      the fits for all C, the smallest first, each begun where the last one ended
//	unit      a column of the features: one cell
//	rule      one unit and one threshold, with the side of it that is positive
//	draw      some texts picked by chance
//
// [Run] puts them together: it chooses C on held-out texts or by folds, ranks units, and counts how few labels do.
//
// # The same result each time
//
// All results are functions of the features, the labels and the seed, for any number of threads: sums over texts are
// formed in blocks of fixed rows and folded in their order, and draws are counted (Philox), not drawn.
package probe

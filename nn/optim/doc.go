// Package optim turns gradients into updates: optimizers, clipping, schedules of
// the learning rate, and averages of weights.
//
// All parameters of a model lie in one slice, all gradients in another, and an
// optimizer keeps its state in slices of the same layout. So an update is a loop
// over elements, shared out to a pool, and a checkpoint saves the state as it
// stands. Every element is computed by itself, and sums (norms) are formed in
// blocks of a fixed size: the same gradients give the same bits for any number of
// goroutines.
//
// A [Group] is a stretch of parameters with settings of its own: a rate of its
// own, no weight decay (norms and biases), frozen. [Whole] is one group of
// everything.
//
// The kinds, and what each equals:
//
//	SGD       torch.optim.SGD: momentum, Nesterov
//	Adam      torch.optim.Adam; Decoupled: torch.optim.AdamW
//	RMSprop   torch.optim.RMSprop; TensorFlow: the one of TensorFlow, whose
//	          epsilon is inside of the root and whose state starts from one
//	Adagrad   torch.optim.Adagrad
//	LARS      You, Gitman and Ginsburg (2017), arXiv 1708.03888
//	LAMB      You et al. (2019), arXiv 1904.00962
//
// A program may register kinds of its own ([Register]).
//
// A [Schedule] gives the learning rate of every step as a pure function; a
// [Plateau] is the one schedule that listens, to the held-out loss.
package optim

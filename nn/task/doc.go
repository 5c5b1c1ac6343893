// Package task holds what a network can learn: which parts of the data are the
// targets, what a miss costs, and how well it does.
//
//	task    targets, by the part's name in the data       output of the network
//	next    the symbol that follows each one of a text    [T*L*R, symbols]
//	class   class                                         [L*R, classes]
//
// A model returns the output, and the run file's section task, or the kind's
// default, says what is learnt from it. A program with tasks of its own registers
// them in an init function; then a run file can name them:
//
//	func init() {
//		task.Register("rank", task.Kind[Rank]{About: "…", New: func(r Rank) task.Task { … }})
//	}
//
// What a task counts is added up lane by lane in float64: counts are exact, so a
// figure is the same on any number of workers.
package task

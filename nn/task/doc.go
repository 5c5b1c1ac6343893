// Package task holds what a network can learn: which parts of the data are the
// targets, what a miss costs, and how well it does.
//
//	task        targets, by the part's name in the data    output of the network
//	next        (a text itself)                            [T*L*R, symbols]
//	class       class: a number, or one a time step        [L*R, classes] or [T*L*R, classes]
//	labels      labels: 0 or 1 for each                    [L*R, labels]
//	pixels      mask: a class for each pixel               [L*R*height*width, classes]
//	transcript  transcript: symbols                        [T*L*R, 1+symbols], by CTC
//	regression  target: numbers                            [L*R, numbers]
//
// A model returns the output, and the run file's section task, or the kind's
// default, says what is learnt from it. A program with tasks of its own registers
// them in an init function; then a run file can name them:
//
//	func init() {
//		task.Register("rank", task.Kind[Rank]{About: "…", New: func(r Rank) task.Task { … }})
//	}
//
// What a task measures is counted lane by lane and merged in lane order, so a
// figure is the same on any number of workers (package nn/measure).
package task

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
// Its Loss adds the targets to the batch ([nn.Batch.Add]) under the name that they
// have in the data, as an [nn.Targets] of classes, an [nn.TargetValues] of numbers
// or an [nn.Transcripts] of symbols, and ends the tape in a loss of package nn or
// of its own:
//
//	func (r Rank) Loss(t *nn.Tape, b *nn.Batch, name string, out *nn.Node) *nn.Loss {
//		y, ok := b.Part("rank").(*nn.TargetValues) // added before, by another output?
//		if !ok {
//			y = nn.NewTargetValues(out.Layout, 1)
//			b.Add("rank", y)
//		}
//		return t.RowLoss(name, out, y, func(slopes, x, y []float32) float64 { … })
//	}
//
// A task whose targets can be counted may be a [Counted] too: then model.final_bias
// has something to begin at.
//
// Where the network's output is not what the task needs, Loss panics with both
// shapes; whoever records the model makes an error of that. What a task measures is counted lane by lane and merged in lane order, so a
// figure is the same on any number of workers (package nn/measure).
package task

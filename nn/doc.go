// Package nn holds what a network is made of: a tape of operations, layers,
// recurrent cells and losses. Optimizers and schedules are in package optim.
//
// # Shapes
//
// The letters used in every comment:
//
//	T  time steps of a row            L  lanes at hand on this worker
//	R  rows of one lane               F  features
//	V  vocabulary                     H  hidden units
//
// An activation is a row-major matrix whose rows are time-major, [T, L, R]: row
// (t*L + l)*R + r is step t of row r of lane l. So one step of all lanes is one
// contiguous block, and the rows of one lane are T blocks that lie L*R rows
// apart. Images have a row for each pixel, [T, L, R, height, width], with the
// channels as columns. Every [Node] says in its [Layout] what its rows are;
// layers take lanes from there, and refuse rows that do not fit them. Without
// sequences, T is 1.
//
// # The tape
//
// A [Tape] is recorded once for a batch shape by calling a model's plain Go
// Forward method, planned once ([Tape.Plan]), and then replayed:
//
//	params.Allocate() // once its layers are made
//	params.AllocateGrads(shape.Lanes)
//	params.Initialize(seed)
//	tape := nn.NewTape(params, pool, shape, nn.Training, seed)
//	batch := tape.NewBatch(states)
//	logits := model.Forward(tape, batch) // which asks the batch for its inputs
//	loss := tape.CrossEntropy("loss", logits, targets)
//	tape.Plan()
//	for step := range steps {
//		tape.Begin(step, firstLane, 0)
//		tape.Forward()
//		tape.Backward(func(begin, end int) { … these elements of the gradients are complete … })
//		optimizer.Step(pool, params.Values, sum, rate, step) // sum: of params.ReadGrads, all lanes
//		params.Changed()
//	}
//
// No path depends on the data, so every buffer is placed once, by lifetime, in
// one block of memory, and a steady step allocates nothing.
//
// Before, the plan joins operations that are faster together, by rules
// ([Tape.Fusions]): a model says ReLU(Add(norm, x)), and one pass over memory does
// it. Nobody but the rules need know.
//
// # Lanes
//
// A lane is a fixed share of the global batch (docs/architecture.md). Two rules
// give the same bits for any number of workers, and every operation keeps them:
//
//   - An output row depends on its own input rows and the weights alone, summed
//     in a fixed order.
//   - A sum over rows is formed for each lane by itself ([Layout.Lane]), time
//     step by time step. So the gradient of a parameter is [lanes, size] until the ring has folded
//     it, and gradients accumulate (+=): the first operation to touch one finds
//     zeros, or sets it where it promised to ([Use].Sets).
//
// Package nn/check tells whether a network keeps them.
//
// # Losses
//
// A tape ends in one [Loss] or several, and trains on their weighted sum over the
// whole global batch. Each is a mean, so it is divided by a Total that all
// workers agree on before Backward. Mostly that is the number of targets, which
// the data set knows (Targets.Count). Where it depends on what the batch holds
// ([Loss.TotalFromData]), workers gather what each lane weighs and add that up in
// lane order:
//
//	… fill the targets …
//	for _, loss := range tape.Losses() {
//		if loss.TotalFromData() {
//			loss.Weigh(own) // [L]; needs no Forward, which may run beside the gather
//			loss.Total = … // the sum of all lanes, of every worker
//		}
//	}
//
// Losses that take a softmax or a sigmoid refuse an input that had one.
// A loss of one's own is a function of rows ([Tape.RowLoss]), or an operation
// with a [NewLoss] that [Tape.End] records.
// Transcripts, classes and numbers from outside are checked by their holders
// ([Transcripts], [Targets], [TargetValues]) before a tape sees them.
//
// # Sequences
//
// Rows may have different numbers of steps: [Lengths] says how many, and what
// takes them ([Stack.ForwardPacked], [BatchNorm.ForwardPacked], [Tape.Last],
// [Tape.MeanOverTime], [Tape.CTC]) leaves out the padding behind, so that a row's
// bits depend neither on its padding nor on T. What does not take them counts
// padding, as [BatchNorm.Forward] does. Behind what looks at neighbouring steps,
// [Tape.ZeroPadding] makes padding zero again, and [Tape.MapLengths] follows a
// change of T.
//
// The recurrent layers of a [Stack] are of one of the [Cells]. A cell of one's own is
// a step ([Cell]), or a layer over whole sequences ([Recurrent]); [RegisterCell] gives
// it a name.
//
// # Errors
//
// A wrong shape inside a model is a mistake of the programmer and panics while
// the tape is recorded. What comes from outside (a configuration, a weights
// file) is checked where it enters and returns an error.
package nn

// Package check runs a network through what this project promises of networks,
// and what their operations promise each other. A model of your own is checked
// by a test of its own:
//
//	func TestMine(t *testing.T) {
//		m, err := zoo.New("mine", Mine{Vocab: 20, Hidden: 8})
//		…
//		if err := check.Run(check.Model(m, task.Default(task.Next), nn.Shape{Steps: 6, Lanes: 4, Rows: 3})); err != nil {
//			t.Error(err)
//		}
//	}
//
// and a run with its own data, optimizer and precision by `rondo train --check
// run.yaml`. What is no model of the zoo, but an operation or a loop of its own,
// is described by a [Network].
//
// [Checks] lists what is checked: the promises of this project, and what every
// network should do that learns (after Karpathy's "A Recipe for Training Neural
// Networks"): a first loss of log K, a gradient for every parameter, rows that do
// not see each other, nothing that looks ahead, one lane learnt by heart. A network that passes "lanes" gives the same
// bits whichever workers compute which lanes. An error names the first value
// that differs, with its operation or parameter, step and lane.
package check

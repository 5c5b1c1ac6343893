package check

import (
	"fmt"

	"github.com/rondo-ml/rondo/nn"
	"github.com/rondo-ml/rondo/nn/zoo"
)

// ready replays the first lane and looks at every part of the gradient when the
// tape says that it is complete, and at the end: the part may have left for
// other workers in between.
func ready(n *Network) (err error) {
	defer zoo.Recover(n.kind(), &err)
	r := n.begin(way{lanes: n.fewest(), threads: n.threads()})
	defer r.pool.Close()
	if err := r.weigh(0); err != nil {
		return err
	}
	t, err := r.tapeAt(0)
	if err != nil {
		return err
	}
	if err := t.fill(0, 0); err != nil {
		return err
	}
	told, parts := make([]int, n.Params.Size()), []part{}
	grads := n.Params.LaneGrads(0)
	t.tape.Begin(0, 0, 0)
	t.tape.Forward()
	t.tape.Backward(func(begin, end int) {
		for i := begin; i < end; i++ {
			told[i]++
		}
		parts = append(parts, part{begin, end, mark{}.of(grads[begin:end])})
	})
	for _, p := range parts {
		if end := (mark{}).of(grads[p.begin:p.end]); end.hash != p.then.hash {
			return fmt.Errorf("the gradient of %s has norm %.9g when it is said to be complete, and %.9g at the end of Backward; "+
				"does every operation list its weights in Use.Weights?", nameAt(n.Params, p.begin), p.then.norm, end.norm)
		}
	}
	for _, p := range n.Params.List {
		want := 1
		if p.Frozen {
			want = 0
		}
		for _, times := range told[p.Offset : p.Offset+p.Size()] {
			if times != want {
				return fmt.Errorf("the gradient of %s is said to be complete %d times, want %d", p.Name, times, want)
			}
		}
	}
	return nil
}

// part is a run of elements that was complete.
type part struct {
	begin, end int
	then       mark
}

// nameAt is the parameter that element i belongs to.
func nameAt(ps *nn.Params, i int) string {
	for _, p := range ps.List {
		if i < p.Offset+p.Size() {
			return p.Name
		}
	}
	return "a parameter"
}

package nn

import "fmt"

// needLogits panics when x holds probabilities already, of which a loss would
// take the softmax or the sigmoid a second time: the network would still learn,
// slowly and badly, and nothing else would tell.
func (t *Tape) needLogits(name, does string, x *Node) {
	from := x
	for from.holds == "" {
		op, ok := t.producerOf(from).(*flatten)
		if !ok {
			return
		}
		from = op.x
	}
	panic(fmt.Sprintf("nn: %s takes logits, got the %s that %s gives; leave that out: %s applies %s itself",
		name, from.holds, t.uses[from.producer].Name, name, does))
}

// needTargets panics unless the targets have a row for each row of x.
func (t *Tape) needTargets(name string, x *Node, l Layout, targets int) {
	rows, sameSize := l.Total(), !l.IsImage() || !x.Layout.IsImage() || l.Height == x.Layout.Height && l.Width == x.Layout.Width
	if !x.Layout.SameRows(l) || !sameSize || targets != rows || l.Lanes != t.Shape.Lanes {
		panic(fmt.Sprintf("nn: %s takes %d rows and targets, got %d and %d (%v; the targets have %v)", name, rows,
			x.Rows, targets, x, l))
	}
}

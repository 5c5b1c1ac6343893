package nn

import "fmt"

// Pipelines has lanes compute a network in parts, as Krizhevsky et al. (2012) laid
// theirs on two processors. n lanes that follow one another are a group, and are
// given the same rows. Of what is recorded by ForwardPart, as [Conv2d.ForwardPart],
// lane l computes the columns of pipeline l%n alone; where another layer reads all of
// them, [Tape.JoinParts] brings together what the lanes of a group have. All else
// every lane computes.
//
// lanes is how many the batch has, a multiple of n. g joins the tapes that have
// them; a tape that has all needs none, and g may be nil. Where g has a method
// WholeGroups(n int) bool that says of all tapes alike that each has whole groups of n
// lanes, nothing is gathered. Bits do not depend on who has which lane.
//
// Each row is in n lanes, so a loss divides its sum by n times the rows. Then
// the gradients of all lanes add up to those of the network in one piece: in
// a lane those of weights of other pipelines are zero, and those of weights
// that every lane uses are its share. Lanes of a group draw the same random
// numbers ([Tape.Stream]).
//
// A replay whose Gatherer fails ends early; see [Tape.Failed].
func (t *Tape) Pipelines(n, lanes int, g Gatherer) {
	if n < 2 || lanes%n != 0 || lanes < t.Shape.Lanes || len(t.ops) > 0 {
		panic(fmt.Sprintf("nn: Pipelines(%d) over %s on a tape that has %s and %s", n, count(lanes, "lane"), count(t.Shape.Lanes, "lane"), count(len(t.ops), "operation")))
	}
	t.alike = n
	t.pipelines = &pipelines{count: n, lanes: lanes, gatherer: g, sites: FirstExchange, odd: -1}
}

// FirstExchange is the site of the first exchange of a tape with pipelines, as a [Gatherer] is told it: those of
// batch norms are before it.
const FirstExchange uint32 = 1 << 20

// pipelines is what the operations of a tape share that compute parts.
type pipelines struct {
	count    int // and lanes of a group
	lanes    int // of the batch
	gatherer Gatherer
	sites    uint32
	again    bool // what was brought last serves
	odd      int  // the lane whose values were the first of the replay that are not finite, or -1

	own, all vectors // room for what is under way: of the tape's lanes, and of all
}

// part is the pipeline of one of the tape's lanes.
func (t *Tape) part(lane int) int { return (t.lane + lane) % t.pipelines.count }

// beginExchanges begins a Forward. again says that what the last one brought serves.
func (t *Tape) beginExchanges(again bool) {
	if p := t.pipelines; p != nil {
		if p.again = again; !again {
			p.odd = -1
		}
	}
}

// wantParts panics unless n columns can be cut into the pipelines' parts.
func (t *Tape) wantParts(name string, n int) {
	if n%t.pipelines.count != 0 {
		panic(fmt.Sprintf("nn: %s has %s, which %d pipelines cannot share", name, count(n, "output"), t.pipelines.count))
	}
}

// Exchanged is what a pipeline sends for a row of the batch in the midst of a Forward, and as much in Backward.
type Exchanged struct {
	Name    string
	Numbers int // float32
}

// Exchanges lists where pipelines exchange what they have, in order.
func (t *Tape) Exchanges() (list []Exchanged) {
	for _, op := range t.ops {
		if o, ok := op.(*exchange); ok {
			list = append(list, Exchanged{o.name, o.width() / t.Shape.Rows})
		}
	}
	return list
}

// ExchangeMemory is how many float32 exchanges of pipelines take besides activations, once the tape was replayed.
func (t *Tape) ExchangeMemory() int {
	stay, most := 0, 0
	for _, op := range t.ops {
		if o, ok := op.(*exchange); ok {
			own, shared := o.memory()
			stay, most = stay+own, max(most, shared)
		}
	}
	return stay + most
}

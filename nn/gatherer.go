package nn

import "fmt"

// Gatherer brings small vectors of the lanes that a tape has to the tapes that
// have the other lanes of the batch, and theirs to this one.
type Gatherer interface {
	// Gather begins to bring own, one vector for each of the tape's lanes, to all tapes, and those of all lanes of the
	// batch to all, in lane order. Every tape asks for the same sites in a replay, each once. Nobody else touches own
	// or all until Wait returns, or another replay begins after one that failed.
	Gather(site uint32, own, all [][]float64) (Gathering, error)
}

// Gathering is a gather under way.
type Gathering interface {
	// Wait blocks until the vectors of all lanes are there, or returns why they never will be. It is called once.
	Wait() error
}

// SyncBatchNorm has the batch norms that are recorded from here on take the mean
// and the variance of the global batch while training, where they would take those
// of each lane (Zhang et al., "Context Encoding for Semantic Segmentation", 2018).
// lanes is how many the batch has. Every tape of the batch records the same, and g
// joins them; a tape that has all lanes needs none, and g may be nil. The bits
// depend on the number of lanes and not on the tapes: moments and sums are formed
// lane by lane, and folded in lane order in float64.
//
// A replay whose Gatherer fails ends early; see [Tape.Failed].
func (t *Tape) SyncBatchNorm(lanes int, g Gatherer) {
	if lanes < t.Shape.Lanes || len(t.ops) > 0 {
		panic(fmt.Sprintf("nn: SyncBatchNorm over %s on a tape that has %s and %s", count(lanes, "lane"), count(t.Shape.Lanes, "lane"), count(len(t.ops), "operation")))
	}
	t.sync = &syncNorms{lanes: lanes, gatherer: g, odd: -1}
}

// syncNorms is what the batch norms of a tape share that take the moments of the whole batch.
type syncNorms struct {
	lanes    int // of the batch
	gatherer Gatherer
	sites    uint32
	again    bool // what was gathered last serves
	odd      int  // the lane whose moments were the first of the replay that are not finite, or -1
}

// Failed returns why the last replay ended before its end: a [Gatherer] failed.
// Then activations and gradients hold anything, and the tape may be replayed from
// its Forward on, with the same bits as if nothing had happened.
func (t *Tape) Failed() error { return t.failed }

// OddLane returns the lane of the batch whose values batch norms, or exchanges of
// pipelines, first found not to be finite in the last Forward, or -1. They are in the
// losses of other lanes, too. All tapes of the batch say the same. It is for tapes
// with SyncBatchNorm or Pipelines.
func (t *Tape) OddLane() int {
	if t.pipelines != nil && t.pipelines.odd >= 0 {
		return t.pipelines.odd
	}
	if t.sync == nil {
		return -1
	}
	return t.sync.odd
}

// beginSync begins a Forward. again says that what the last one gathered serves.
func (t *Tape) beginSync(again bool) {
	t.failed = nil
	t.beginExchanges(again)
	if t.sync == nil {
		return
	}
	if t.sync.again = again; !again {
		t.sync.odd = -1
	}
}

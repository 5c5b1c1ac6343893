package inside

import (
	"context"
	"math/rand/v2"
	"slices"

	"github.com/rondo-ml/rondo/nn/look"
)

// What of a set of texts is searched for where a channel is on: some of them, spread over the set, at places that a seed decides.
const (
	mostTexts   = 512
	mostSymbols = 32 << 10 // of all texts together, were each as long as there is room for
)

// elsewhere tells where else in the data a channel of a layer is on as it is in symbols a to b-1 of the text.
func (n *network) elsewhere(ctx context.Context, q query) (answer, error) {
	k, err := n.channelsOf(q)
	if err != nil {
		return answer{}, err
	}
	_, own, err := n.asked(q)
	if err != nil {
		return answer{}, err
	}
	source, err := n.source()
	if err != nil {
		return answer{}, err
	}
	if n.excerpts == nil || n.excerpts.State != k.state.Name {
		n.excerpts, n.passages = nil, nil // before there are two
		if n.excerpts, n.passages, err = n.searchTexts(ctx, k.state.Name); err != nil {
			return answer{}, err
		}
	}
	found, err := n.excerpts.Passages(k.cell)
	if err != nil {
		return answer{}, err
	}
	if q.Get("prompt") == "" { // the range itself is nowhere else
		found = slices.DeleteFunc(found, func(p look.Passage) bool {
			return n.excerpts.List[p.Excerpt].At == int64(own) && p.From < k.to && p.To > k.from
		})
	}
	type place struct {
		At   int64   `json:"at"` // the number of the sample
		From int     `json:"from"`
		To   int     `json:"to"`
		Mean float64 `json:"mean"`
		Written
		Skip int `json:"skip"` // symbols of that before the place
	}
	list := []place{}
	for _, p := range found[:min(mostCells, len(found))] {
		w, around := n.passages[p.Excerpt], 20
		if w.Words != nil {
			around = 4
		}
		first := max(0, p.From-around)
		list = append(list, place{n.excerpts.List[p.Excerpt].At, p.From, p.To, p.Mean, w.part(first, min(p.To+around, p.From+5*around)), p.From - first})
	}
	return ofJSON(map[string]any{"state": k.state.Name, "from": k.from, "to": k.to, "cell": k.cell, "source": source, "searched": n.excerpts.Symbols(),
		"texts": len(n.passages), "of": n.set.Len(), "places": list, "all": len(found)})
}

// searchTexts has the network read some samples of its set, and tells what the channels of a layer hold through them, and what they
// say. Shorter questions come between two of them; the network stays open meanwhile. The caller has the desk's turn, which is yielded
// to them.
func (n *network) searchTexts(ctx context.Context, layer string) (*look.Excerpts, []Written, error) {
	set, err := n.samplesOf()
	if err != nil {
		return nil, nil, err
	}
	s, err := NewSequence(n.p)
	if err != nil {
		return nil, nil, err
	}
	feeder, err := n.p.Feeder(set, 1)
	if err != nil {
		return nil, nil, err
	}
	at := slices.IndexFunc(s.Layers, func(l look.Layer) bool { return l.Name == layer })
	room := n.file.RowLength()
	_, cells := s.Layers[at].OverTime() // there is one: channels were ranked by it
	x, texts := &look.Excerpts{State: layer, Cells: cells}, []Written{}
	n.held = true
	defer func() { n.held = false }()
	for _, sample := range someOf(set.Len(), min(mostTexts, mostSymbols/room, mostHeld/(room*cells))) {
		if err := n.desk.yield(ctx); err != nil {
			return nil, nil, err
		}
		if _, err := feeder.Fill(sample, s.Batch); err != nil {
			return nil, nil, err
		}
		s.Forward()
		if len(s.Text()) == 0 {
			continue
		}
		c, err := courseOf(s, at)
		if err == nil {
			err = bySymbol(s, at, c)
		}
		if err != nil {
			return nil, nil, err
		}
		w, _, err := WrittenOf(n.p, set, sample, s)
		if err != nil {
			return nil, nil, err
		}
		x.Add(look.Excerpt{At: int64(sample)}, c)
		texts = append(texts, w)
	}
	return x, texts, nil
}

// someOf are numbers below n in their order: at most so many and at least one, each somewhere in its equal share.
func someOf(n, most int) (list []int) {
	most = min(max(1, most), n)
	random := rand.New(rand.NewPCG(excerptSeed, 0))
	for i := range int64(most) {
		from, to := share(int64(n), i, most), share(int64(n), i+1, most)
		list = append(list, int(from+random.Int64N(to-from)))
	}
	return list
}

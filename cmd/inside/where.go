package inside

import (
	"context"
	"fmt"
	"math/rand/v2"

	"github.com/rondo-ml/rondo/data/shard"
	"github.com/rondo-ml/rondo/nn/look"
)

// What of a data set is searched for where a cell is on: excerpts spread over all of it, at places that a seed decides.
const (
	excerptBytes = 512
	excerptWarm  = 64       // of these, to bring the network from zeros to where it usually is
	mostExcerpts = 64       // 32 KiB of text
	mostHeld     = 32 << 20 // bytes that are kept of their cells
	excerptSeed  = 1
)

// where tells where else in the data the cell is on as it is in characters a to b-1 of the text.
func (n *network) where(ctx context.Context, q query) (answer, error) {
	k, err := n.ranked(q)
	if err != nil {
		return answer{}, err
	}
	source, err := n.source()
	if err != nil {
		return answer{}, err
	}
	set, err := n.textSet(source)
	if err != nil {
		return answer{}, err
	}
	if n.excerpts == nil || n.excerpts.State != k.state.Name {
		n.excerpts = nil // before there are two
		x, err := n.search(ctx, k.state.Name, set)
		if err != nil {
			return answer{}, err
		}
		n.excerpts = x
	}
	found, err := n.excerpts.Passages(k.cell)
	if err != nil {
		return answer{}, err
	}
	type place struct {
		At   int64   `json:"at"` // where the excerpt begins in the data
		From int     `json:"from"`
		To   int     `json:"to"` // of the excerpt
		Mean float64 `json:"mean"`
		Text []byte  `json:"text"` // from a little before it to a little behind
		Skip int     `json:"skip"` // bytes of that before it
	}
	list := []place{}
	for _, p := range found[:min(mostCells, len(found))] {
		e := n.excerpts.List[p.Excerpt]
		first := max(0, p.From-20)
		list = append(list, place{e.At, p.From, p.To, p.Mean, e.Text[first:min(p.To+20, p.From+100, len(e.Text))], p.From - first})
	}
	return ofJSON(map[string]any{"state": k.state.Name, "from": k.from, "to": k.to, "cell": k.cell, "source": source, "searched": n.excerpts.Symbols(), "size": set.Size(),
		"places": list, "all": len(found)})
}

// textSet opens the set of text, once.
func (n *network) textSet(source string) (*shard.Set, error) {
	if n.texts != nil {
		return n.texts, nil
	}
	set, err := shard.Open(source)
	if err == nil && (set.Kind() != shard.KindText || set.Size() < 1) {
		err = fmt.Errorf("%s holds no text", source)
	}
	if err != nil {
		return nil, err
	}
	n.texts = set
	return set, nil
}

// search has the network read the excerpts of a set of text in which it is looked where a cell is on. Shorter questions come
// between two characters; the network stays open meanwhile. The caller has the desk's turn, which is yielded to them.
func (n *network) search(ctx context.Context, state string, set *shard.Set) (*look.Excerpts, error) {
	r, err := look.Read(n.writer, n.pool, nil)
	if err != nil {
		return nil, err
	}
	s, err := r.State(state)
	if err != nil {
		return nil, err
	}
	most := min(mostExcerpts, mostHeld/(excerptBytes*s.Width))
	list := spread(set.Size(), max(1, most))
	for i := range list {
		if _, err := set.ReadAt(list[i].Text, list[i].At); err != nil {
			return nil, err
		}
	}
	n.held = true
	defer func() { n.held = false }()
	return look.ReadExcerpts(ctx, n.writer, n.pool, s.Name, list, func() error { return n.desk.yield(ctx) })
}

// spread is excerpts of a text, at most so many: each somewhere in its equal share of the text, or else all of the text in
// parts that overlap by what brings the network to where it usually is.
func spread(size int64, most int) (list []look.Excerpt) {
	const step = excerptBytes - excerptWarm
	if parts := (size - excerptWarm + step - 1) / step; parts <= int64(most) {
		for at := int64(0); at == 0 || at+excerptWarm < size; at += step {
			list = append(list, look.Excerpt{At: at, Warm: excerptWarm, Text: make([]byte, min(excerptBytes, size-at))})
		}
	} else {
		random := rand.New(rand.NewPCG(excerptSeed, 0))
		for i := range int64(most) {
			from, to := share(size, i, most), share(size, i+1, most)
			list = append(list, look.Excerpt{At: from + random.Int64N(max(1, to-from-excerptBytes+1)), Warm: excerptWarm, Text: make([]byte, min(excerptBytes, to-from))})
		}
	}
	if list[0].At == 0 { // a reading of the text begins from zeros there, too
		list[0].Warm = 0
	}
	return list
}

// share is where the i-th of n equal parts begins.
func share(size, i int64, n int) int64 {
	parts := int64(n)
	return size/parts*i + size%parts*i/parts
}

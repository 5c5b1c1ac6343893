package look

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"sort"

	"github.com/rondo-ml/rondo/nn"
	"github.com/rondo-ml/rondo/tensor"
)

// Excerpt is a part of a long text, or one of many texts.
type Excerpt struct {
	At   int64 // where its first byte lies, or the number of the text
	Warm int   // symbols at its beginning that are read only to bring the network from zeros to where it usually is
	Text []byte
}

// Excerpts is what the cells of one state, or the channels of a layer, hold through excerpts, each of which is read from a state
// of zeros. It keeps tanh of that in steps of 1/127, so that a symbol takes a byte for each cell.
type Excerpts struct {
	State string
	List  []Excerpt
	Cells int
	held  [][]int8 // of each excerpt, [symbols, cells]
}

// Passage is consecutive symbols [From, To) of an excerpt where a cell is on.
type Passage struct {
	Excerpt, From, To int
	Mean              float64
}

// besideOneAnother is how many excerpts are read together at most.
const besideOneAnother = 64

// ReadExcerpts has a network that goes on with texts read excerpts, several at a time. Which are read together changes
// no bit. The state is named as for [Reading.State]. between, if it is not nil, is called between two characters: others may
// use the network and the pool until it returns, and its error ends the reading.
func ReadExcerpts(ctx context.Context, net Network, pool *tensor.Pool, state string, list []Excerpt, between func() error) (*Excerpts, error) {
	if len(list) == 0 {
		return nil, errors.New("there is no text to search")
	}
	rows, total := min(besideOneAnother, len(list)), 0
	for _, e := range list {
		total += len(e.Text)
	}
	states := nn.NewStates(1, rows)
	t := nn.NewTape(net.Params(), pool, nn.Shape{Steps: 1, Lanes: 1, Rows: rows}, nn.Inference, 0)
	b := t.NewBatch(states)
	t.Keep(net.Forward(t, b))
	if err := t.Err(); err != nil {
		return nil, err
	}
	tokens, err := onlyText(b)
	if err != nil {
		return nil, err
	}
	t.Plan()
	s, err := pickState(states, state)
	if err != nil {
		return nil, err
	}
	if total > maxReading/s.Width {
		return nil, fmt.Errorf("%d bytes of text: %s has %d cells, so %d is the most", total, s.Name, s.Width, maxReading/s.Width)
	}
	x := &Excerpts{State: s.Name, List: list, Cells: s.Width, held: make([][]int8, len(list))}
	for first := 0; first < len(list); first += rows {
		part := list[first:min(first+rows, len(list))]
		states.Zero()
		for at := 0; ; at++ {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			if between != nil {
				if err := between(); err != nil {
					return nil, err
				}
			}
			some, err := next(tokens, part, at)
			if err != nil {
				return nil, err
			}
			if !some {
				break
			}
			t.Forward()
			states.Commit()
			for row, e := range part {
				if at < len(e.Text) {
					x.held[first+row] = appendRow(x.held[first+row], s.Current[row*s.Width:(row+1)*s.Width])
				}
			}
		}
	}
	return x, nil
}

// next puts the bytes at a place into the rows, and says whether any excerpt is that long.
func next(tokens *nn.Tokens, part []Excerpt, at int) (some bool, err error) {
	for row, e := range part {
		if tokens.Input[row] = 0; at >= len(e.Text) {
			continue
		}
		if int(e.Text[at]) >= tokens.Vocab {
			return false, fmt.Errorf("byte %d of the text is %d, and the network has %d symbols", e.At+int64(at), e.Text[at], tokens.Vocab)
		}
		tokens.Input[row], some = int32(e.Text[at]), true
	}
	return some, nil
}

func pickState(states *nn.States, name string) (*nn.State, error) {
	var names []string
	for _, s := range states.List {
		names = append(names, s.Name)
	}
	at, err := nn.PickState(names, name)
	if err != nil {
		return nil, err
	}
	return states.List[at], nil
}

// Add has one more excerpt be searched, by what the channels of a layer yield through it: as many as x has cells.
func (x *Excerpts) Add(e Excerpt, c Course) {
	var held []int8
	for t := range c.Steps {
		held = appendRow(held, c.Values[t*c.Channels:(t+1)*c.Channels])
	}
	x.List, x.held = append(x.List, e), append(x.held, held)
}

const steps = 127 // of tanh, on either side of zero

func appendRow(to []int8, held []float32) []int8 {
	for _, v := range held {
		step := math.Round(steps * math.Tanh(float64(v)))
		if step != step { // a cell that holds no number is not on
			step = 0
		}
		to = append(to, int8(step))
	}
	return to
}

// symbols is how many were read of an excerpt.
func (x *Excerpts) symbols(excerpt int) int { return len(x.held[excerpt]) / x.Cells }

// Symbols is how many symbols are searched.
func (x *Excerpts) Symbols() (n int) {
	for k, e := range x.List {
		n += max(0, x.symbols(k)-e.Warm)
	}
	return n
}

// Passages returns where a cell is on as it is in the range for which it was ranked: beyond half of the way from its mean
// outside to that inside. The strongest come first.
func (x *Excerpts) Passages(r Ranked) ([]Passage, error) {
	if r.Cell < 0 || r.Cell >= x.Cells {
		return nil, fmt.Errorf("cell %d: %s has %d, from 0 on", r.Cell, x.State, x.Cells)
	}
	middle, sign := r.threshold()
	var found []Passage
	for k, e := range x.List {
		value := func(i int) float64 { return float64(x.held[k][i*x.Cells+r.Cell]) / steps }
		n := x.symbols(k)
		for i := e.Warm; i < n; i++ {
			from, sum := i, 0.0
			for i < n && sign*(value(i)-middle) > 0 {
				sum += value(i)
				i++
			}
			if i > from {
				found = append(found, Passage{k, from, i, sum / float64(i-from)})
			}
		}
	}
	sort.SliceStable(found, func(i, j int) bool { return cmp.Less(sign*found[j].Mean, sign*found[i].Mean) })
	return found, nil
}

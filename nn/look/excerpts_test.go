package look

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/rondo-ml/rondo/nn/zoo"
	"github.com/rondo-ml/rondo/tensor"
)

// letters is a small network of first weights.
func letters(t *testing.T, vocab int) *zoo.Network {
	t.Helper()
	net, err := zoo.New("charlm", zoo.CharLM{Cell: "lstm", Vocab: vocab, Embed: 4, Hidden: 6, Layers: 2})
	if err != nil {
		t.Fatal(err)
	}
	net.Params().Allocate()
	net.Params().Initialize(3)
	for i := range net.Params().Values { // so that cells move
		net.Params().Values[i] *= 4
	}
	net.Params().Changed()
	return net
}

// Passages are what a reading of each excerpt alone says, however many are read together.
func TestExcerpts(t *testing.T) {
	net, pool := letters(t, 256), tensor.NewPool(2)
	defer pool.Close()
	list := []Excerpt{{0, 0, []byte("the cat (a tom) sat")}, {40, 5, []byte("on \"the\" mat")}, {90, 3, []byte("so it was.\nAnd then it was not.")}, {99, 1, nil}}
	for range besideOneAnother { // more than are read at a time
		list = append(list, list[1], list[2])
	}
	x, err := ReadExcerpts(t.Context(), net, pool, "", list, nil)
	if err != nil {
		t.Fatal(err)
	}
	if want := 19 + (besideOneAnother+1)*(7+28); x.State != "rnn.c_l1" || x.Cells != 6 || x.Symbols() != want {
		t.Errorf("%s, %d cells, %d bytes, want %d", x.State, x.Cells, x.Symbols(), want)
	}
	total := 0
	for _, r := range []Ranked{{Cell: 2, Inside: 0.4, Outside: -0.2}, {Cell: 5, Inside: -0.5, Outside: 0.3}, {Cell: 0}} {
		found, err := x.Passages(r)
		if err != nil {
			t.Fatal(err)
		}
		middle, sign := r.threshold()
		on := map[string]bool{}
		for i, p := range found {
			if i > 0 && sign*p.Mean > sign*found[i-1].Mean {
				t.Errorf("%v comes behind %v", p, found[i-1])
			}
			for at := p.From; at < p.To; at++ {
				on[fmt.Sprint(p.Excerpt, at)] = true
			}
		}
		total += len(on)
		for k, e := range list {
			if len(e.Text) == 0 {
				continue
			}
			alone, err := Read(net, pool, e.Text)
			if err != nil {
				t.Fatal(err)
			}
			cells, err := alone.State(x.State)
			if err != nil {
				t.Fatal(err)
			}
			track, err := cells.Cell(r.Cell)
			if err != nil {
				t.Fatal(err)
			}
			for at, v := range track {
				held := math.Round(127*float64(v)) / 127
				if got, want := on[fmt.Sprint(k, at)], at >= e.Warm && sign*(held-middle) > 0; got != want {
					t.Errorf("cell %d, excerpt %d, byte %d holds %v: on %v, want %v", r.Cell, k, at, v, got, want)
				}
			}
		}
	}
	if total == 0 {
		t.Error("no cell is on anywhere: the test says nothing")
	}
}

func TestExcerptRefusals(t *testing.T) {
	net, pool := letters(t, 100), tensor.NewPool(1)
	defer pool.Close()
	some := []Excerpt{{7, 0, []byte("ABz")}}
	gone, leave := context.WithCancel(t.Context())
	leave()
	if _, err := ReadExcerpts(gone, net, pool, "", some, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("nobody waits: %v", err)
	}
	for want, try := range map[string]func() error{
		"no text to search": func() error { _, err := ReadExcerpts(t.Context(), net, pool, "", nil, nil); return err },
		"byte 9 of the text is 122, and the network has 100 symbols": func() error { _, err := ReadExcerpts(t.Context(), net, pool, "", some, nil); return err },
		"no state \"x\"; its states are rnn.h_l0, rnn.c_l0":          func() error { _, err := ReadExcerpts(t.Context(), net, pool, "x", some, nil); return err },
		"cell 6: rnn.h_l1 has 6": func() error {
			x, err := ReadExcerpts(t.Context(), net, pool, "rnn.h_l1", []Excerpt{{0, 0, []byte("A")}}, nil)
			if err == nil {
				_, err = x.Passages(Ranked{Cell: 6})
			}
			return err
		},
	} {
		if err := try(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}

// What is added of a layer over time is searched like what was read, whether or not its text is there.
func TestExcerptsOfCourses(t *testing.T) {
	x := &Excerpts{State: "rnn", Cells: 2}
	x.Add(Excerpt{At: 7}, Course{Steps: 4, Channels: 2, Values: []float32{0, 2, 1, 2, 1, -2, 0, 2}})
	x.Add(Excerpt{At: 9}, Course{Channels: 2})
	x.Add(Excerpt{At: 12}, Course{Steps: 1, Channels: 2, Values: []float32{3, 0}})
	found, err := x.Passages(Ranked{Cell: 0, Inside: 0.8, Outside: 0})
	if err != nil || len(found) != 2 || x.Symbols() != 5 {
		t.Fatalf("%v, %d symbols, %v", found, x.Symbols(), err)
	}
	for i, want := range []Passage{{2, 0, 1, math.Tanh(3)}, {0, 1, 3, math.Tanh(1)}} {
		if got := found[i]; math.Abs(got.Mean-want.Mean) > 0.5/127 || (Passage{got.Excerpt, got.From, got.To, want.Mean}) != want {
			t.Errorf("place %d is %+v, want %+v", i, got, want)
		}
	}
}

// A cell that holds no number is on nowhere.
func TestSteps(t *testing.T) {
	nan := float32(math.NaN())
	if got := appendRow(nil, []float32{0, 9, -9, nan, float32(math.Inf(-1))}); !slices.Equal(got, []int8{0, 127, -127, 0, -127}) {
		t.Error(got)
	}
}

package probe

import (
	"bytes"
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/rondo-ml/rondo/nn"
	"github.com/rondo-ml/rondo/nn/look"
	"github.com/rondo-ml/rondo/nn/zoo"
	"github.com/rondo-ml/rondo/tensor"
)

func model(t *testing.T, kind string, fields any) *zoo.Network {
	t.Helper()
	net, err := zoo.New(kind, fields)
	if err != nil {
		t.Fatal(err)
	}
	net.Params().Allocate()
	net.Params().Initialize(3)
	return net
}

// TestStates compares states with those of a text that is read alone, for texts of all lengths, read side by side or not.
func TestStates(t *testing.T) {
	texts := [][]byte{[]byte("\n a film "), nil, []byte("x"), bytes.Repeat([]byte("so long a text "), 40), []byte("\n good \xff "), []byte("\n bad ")}
	for cell, state := range map[string]string{"mlstm": "rnn.c_l1", "lstm": "rnn.c_l1", "gru": "rnn.h_l1"} {
		net := model(t, "charlm", zoo.CharLM{Cell: cell, Hidden: 9, Embed: 5, Layers: 2, Vocab: 256})
		var first tensor.Matrix
		for _, rows := range []int{0, 1, 2} {
			pool := tensor.NewPool(rows + 1)
			x, name, err := States(context.Background(), net, pool, texts, StateOptions{Rows: rows})
			pool.Close()
			if err != nil || name != state || x.Rows != 6 || x.Cols != 9 {
				t.Fatalf("%s: %s %v, %v", cell, name, x, err)
			}
			if rows == 0 {
				first = x
			} else if !slices.Equal(first.Data, x.Data) {
				t.Errorf("%s: %d side by side have other bits", cell, rows)
			}
		}
		for i, text := range texts {
			want := make([]float32, 9)
			if len(text) > 0 {
				r, err := look.Read(net, nil, text)
				if err != nil {
					t.Fatal(err)
				}
				s, err := r.State(state)
				if err != nil {
					t.Fatal(err)
				}
				want = s.Values[len(text)-1]
			}
			if !slices.Equal(first.Row(i), want) {
				t.Errorf("%s: text %d is %v, alone %v", cell, i, first.Row(i), want)
			}
		}
	}
}

// forgetful is a model that reads a text and carries nothing on.
type forgetful struct {
	params  *nn.Params
	encoder *nn.Embedding
}

func (m forgetful) Params() *nn.Params { return m.params }

func (m forgetful) Forward(t *nn.Tape, b *nn.Batch) *nn.Node {
	return m.encoder.Forward(t, b.Tokens("text", 256))
}

func TestBadStates(t *testing.T) {
	reads := model(t, "charlm", zoo.CharLM{Cell: "lstm", Hidden: 3, Embed: 2, Layers: 1, Vocab: 100})
	ps := nn.NewParams()
	forgets := forgetful{ps, nn.NewEmbedding(ps, "encoder", 256, 2)}
	ps.Allocate()
	canceled, cancel := context.WithCancel(context.Background())
	cancel()
	for _, c := range []struct {
		ctx   context.Context
		net   Network
		text  string
		state string
		want  string
	}{
		{context.Background(), reads, "a\xff", "", "text 1: byte 1 is 255, and the network has 100 symbols"},
		{context.Background(), reads, "a", "rnn.c_l1", `the network has no state "rnn.c_l1"; its states are rnn.h_l0, rnn.c_l0`},
		{context.Background(), model(t, "lenet5", zoo.Classifier{Classes: 10, Image: 28, Channels: 1}), "a", "", "the network reads more than a text, or none"},
		{context.Background(), forgets, "a", "", "the network carries no state from one byte to the next; a recurrent cell is wanted, as mlstm"},
		{canceled, reads, "a", "", "context canceled"},
	} {
		_, _, err := States(c.ctx, c.net, nil, [][]byte{[]byte(c.text)}, StateOptions{Name: c.state})
		if err == nil || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("got %v, want %s", err, c.want)
		}
	}
}

package zoo

import (
	"bytes"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/rondo-ml/rondo/nn"
)

// TestHold: a sample with held units of the memory is what a sampler writes whose state is overwritten behind each byte.
func TestHold(t *testing.T) {
	model := built(t, CharLM{Cell: "mlstm", Vocab: refVocab, Hidden: refHidden, Layers: 1, Embed: refEmbed, WeightNorm: true})
	model.Params().Initialize(3)
	for i := range model.Params().Values { // far from even
		model.Params().Values[i] *= 4
	}
	model.Params().Changed()
	prime := []byte{0, 1}
	for _, state := range []string{"c", "rnn.c_l0"} {
		hold := []Hold{{state, 2, 3}, {state, 5, -3}}
		got, err := Sample(model, prime, 60, 1, 1, hold...)
		if err != nil {
			t.Fatal(err)
		}
		s, err := NewSampler(model)
		if err != nil {
			t.Fatal(err)
		}
		at := slices.IndexFunc(s.States.List, func(x *nn.State) bool { return strings.Contains(x.Name, ".c_") })
		var want []byte
		for i := range 60 + len(prime) {
			c := byte(0)
			if i < len(prime) {
				c = prime[i]
			} else {
				c = want[i-len(prime)]
			}
			logits, err := s.Feed(c)
			if err != nil {
				t.Fatal(err)
			}
			if n := len(want); i >= len(prime)-1 && n < 60 {
				want = append(want, Draw(logits, 1, nn.Stream{Seed: 1, Use: nn.UseSample, Step: uint64(n)}.Float(0)))
			}
			s.States.List[at].Lane(0)[2], s.States.List[at].Lane(0)[5] = 3, -3
		}
		s.Close()
		if !bytes.Equal(got, want) {
			t.Errorf("%s: %v, want %v", state, got, want)
		}
		if free, err := Sample(model, prime, 60, 1, 1); err != nil || bytes.Equal(free, got) {
			t.Errorf("%s: held or not, the text is the same: %v", state, err)
		}
	}
}

// TestHoldTwin: with units held, c or h, a sampler gives the logits of the equations written out in float64, where an h that
// is held is what the logits and the next step are computed of, and a c what the next step begins with.
func TestHoldTwin(t *testing.T) {
	model := built(t, CharLM{Cell: "mlstm", Vocab: 256, Hidden: 7, Layers: 1, Embed: 5})
	model.Params().Initialize(3)
	for i := range model.Params().Values { // far from even
		model.Params().Values[i] *= 3
	}
	model.Params().Changed()
	for _, hold := range [][]Hold{nil, {{"h", 2, 0.9}}, {{"h", 2, -4}, {"h", 6, 2}}, {{"c", 2, 3}}, {{"c", 1, -2}, {"h", 1, 1}}} {
		s, err := NewSampler(model)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.hold(hold); err != nil {
			t.Fatal(err)
		}
		c, h := make([]float64, 7), make([]float64, 7)
		for i, b := range []byte("\n so it is held") {
			got, err := s.Feed(b)
			if err != nil {
				t.Fatal(err)
			}
			for k, want := range stepOfTwin(model.Params(), b, c, h, hold) {
				if math.Abs(float64(got[k])-want) > 1e-5*(1+math.Abs(want)) {
					t.Fatalf("%v: logit %d behind byte %d is %v, want %v", hold, k, i, got[k], want)
				}
			}
		}
		s.Close()
	}
}

// stepOfTwin is a byte's step of an mLSTM without weight norm: it writes the new c and h, and returns the logits.
func stepOfTwin(ps *nn.Params, b byte, c, h []float64, hold []Hold) []float64 {
	times := func(name string, x []float64) []float64 {
		w := ps.Get(name).Value()
		y := make([]float64, w.Rows)
		for i := range y {
			for j, v := range w.Row(i) {
				y[i] += float64(v) * x[j]
			}
		}
		return y
	}
	sigmoid := func(v float64) float64 { return 1 / (1 + math.Exp(-v)) }
	var x []float64
	for _, v := range ps.Get("encoder.weight").Value().Row(int(b)) {
		x = append(x, float64(v))
	}
	m := times("rnn.weight_mih_l0", x)
	for i, v := range times("rnn.weight_mhh_l0", h) {
		m[i] *= v
	}
	z := times("rnn.weight_ih_l0", x)
	for i, v := range times("rnn.weight_mh_l0", m) {
		z[i] += v + float64(ps.Get("rnn.bias_l0").Value().Data[i])
	}
	n := len(c)
	for j := range c {
		c[j] = sigmoid(z[n+j])*c[j] + sigmoid(z[j])*math.Tanh(z[3*n+j])
		h[j] = sigmoid(z[2*n+j]) * math.Tanh(c[j])
	}
	for _, u := range hold {
		map[string][]float64{"c": c, "h": h}[u.State][u.Unit] = float64(u.Value)
	}
	logits := times("decoder.weight", h)
	for i := range logits {
		logits[i] += float64(ps.Get("decoder.bias").Value().Data[i])
	}
	return logits
}

func TestHoldErrors(t *testing.T) {
	gru := built(t, CharLM{Cell: "gru", Vocab: refVocab, Hidden: 4, Layers: 1, Embed: 4})
	for _, c := range []struct {
		hold Hold
		want string
	}{
		{Hold{"c", 0, 1}, `hold 0=1: the network has no state "c"; its states are rnn.h_l0`},
		{Hold{"h", 4, 1}, "hold 4=1: rnn.h_l0 has 4 units, from 0 on"},
		{Hold{"", -1, 2.5}, "hold -1=2.5: rnn.h_l0 has 4 units, from 0 on"},
		{Hold{"rnn.h_l0", 2, -1}, "hold 2=-1: the unit is held at 3 already"},
	} {
		var of *HoldError
		if _, err := Sample(gru, []byte{1}, 1, 1, 1, Hold{"", 2, 3}, c.hold); !errors.As(err, &of) || err.Error() != c.want {
			t.Errorf("%+v: %v, want %q", c.hold, err, c.want)
		}
	}
}

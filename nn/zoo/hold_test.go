package zoo

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/rondo-ml/rondo/nn"
)

// TestHold: a sample with held units is what a sampler writes whose state is overwritten behind each byte.
func TestHold(t *testing.T) {
	model := built(t, CharLM{Cell: "mlstm", Vocab: refVocab, Hidden: refHidden, Layers: 1, Embed: refEmbed, WeightNorm: true})
	model.Params().Initialize(3)
	for i := range model.Params().Values { // far from even
		model.Params().Values[i] *= 4
	}
	model.Params().Changed()
	prime := []byte{0, 1}
	for _, state := range []string{"c", "h", "rnn.c_l0"} {
		hold := []Hold{{state, 2, 3}, {state, 5, -3}}
		got, err := Sample(model, prime, 60, 1, 1, hold...)
		if err != nil {
			t.Fatal(err)
		}
		s, err := NewSampler(model)
		if err != nil {
			t.Fatal(err)
		}
		at := slices.IndexFunc(s.States.List, func(x *nn.State) bool {
			return strings.Contains(x.Name, "."+string(strings.TrimPrefix(state, "rnn.")[0])+"_")
		})
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

package zoo

import (
	"bytes"
	"math"
	"strings"
	"testing"
)

// trained returns a model that has learned the text of reference_test.go.
func trained(tb testing.TB) *Network {
	tb.Helper()
	r := newRefRun(tb, "gru", 1, 4)
	model := built(tb, CharLM{Cell: "gru", Vocab: refVocab, Hidden: refHidden, Layers: 1, Embed: refEmbed})
	for step := range refSteps {
		r.step(step)
	}
	copy(model.Params().Values, r.params.Values)
	model.Params().Changed()
	return model
}

func TestSample(t *testing.T) {
	model := trained(t)
	prime := []byte{0, 1, 2, 3}
	sample := func(temperature float64, seed uint64) []byte {
		text, err := Sample(model, prime, 40, temperature, seed)
		if err != nil || len(text) != 40 {
			t.Fatalf("%d bytes, error %v", len(text), err)
		}
		return text
	}
	if !bytes.Equal(sample(0, 1), sample(0, 2)) {
		t.Error("temperature 0 depends on the seed")
	}
	if !bytes.Equal(sample(1, 1), sample(1, 1)) {
		t.Error("the same seed gives another text")
	}
	if bytes.Equal(sample(1, 1), sample(1, 2)) {
		t.Error("another seed gives the same text")
	}
	if bytes.Equal(sample(1e-6, 1), sample(1, 1)) || !bytes.Equal(sample(1e-6, 1), sample(0, 1)) {
		t.Error("a very low temperature is not greedy")
	}
}

// Greedy sampling writes what the model holds likeliest: no other byte
// would make its text cheaper.
func TestGreedyIsLikeliest(t *testing.T) {
	model := trained(t)
	text, err := Sample(model, []byte{5, 10}, 1, 0, 0)
	if err != nil {
		t.Fatal(err)
	}
	cost := func(c byte) float64 {
		loss, err := TextLoss(model, []byte{5, 10, c})
		if err != nil {
			t.Fatal(err)
		}
		return loss[1]
	}
	for c := range byte(refVocab) {
		if cost(c) < cost(text[0]) {
			t.Errorf("%d costs %v, but %d was sampled at %v", c, cost(c), text[0], cost(text[0]))
		}
	}
}

func TestSampleErrors(t *testing.T) {
	model := built(t, small("rnn"))
	for _, c := range []struct {
		prime       string
		n           int
		temperature float64
		want        string
	}{
		{"a", 1, 1, "byte 97 is not one of the model's 20 symbols"},
		{"\n", 1, -1, "temperature is -1"},
		{"\n", 1, math.NaN(), "temperature is NaN"},
		{"\n", -1, 1, "-1 bytes"},
		{"", 1, 1, "an empty text to go on from"},
	} {
		if _, err := Sample(model, []byte(c.prime), c.n, c.temperature, 0); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v: error %v", c, err)
		}
	}
	if text, err := Sample(model, []byte("\n"), 0, 1, 0); err != nil || len(text) != 0 {
		t.Errorf("nothing asked for: %q, %v", text, err)
	}
}

func TestDraw(t *testing.T) {
	nan := float32(math.NaN())
	for _, c := range []struct {
		logits      []float32
		temperature float64
		u           float32
		want        byte
	}{
		{[]float32{0, 0, 0, 0}, 1, 0, 0},
		{[]float32{0, 0, 0, 0}, 1, 0.3, 1},
		{[]float32{0, 0, 0, 0}, 1, 0.9999999, 3},
		{[]float32{0, 0, 0, 0}, 0, 0.9, 0},
		{[]float32{1, 3, 2}, 0, 0.9, 1},
		{[]float32{-1e30, 0, -1e30}, 1, 0, 1},
		{[]float32{-1e30, 0, -1e30}, 1, 0.9999999, 1},
		{[]float32{nan, nan}, 1, 0.5, 0},
		{make([]float32, 300), 1, 0.9999999, 255},
	} {
		if got := Draw(c.logits, c.temperature, c.u); got != c.want {
			t.Errorf("%v at %v with %v: drew %d, want %d", c.logits, c.temperature, c.u, got, c.want)
		}
	}
}

// TextLoss in pieces of 64 is what a model says that reads one byte at a
// time.
func TestTextLossAgainstSampler(t *testing.T) {
	model := built(t, small("lstm"))
	for _, n := range []int{0, 1, 2, 64, 65, 66, 150} {
		text := make([]byte, n)
		for i := range text {
			text[i] = byte(i * i % 20)
		}
		losses, err := TextLoss(model, text)
		if err != nil || len(losses) != max(0, n-1) {
			t.Fatalf("%d bytes: %d losses, error %v", n, len(losses), err)
		}
		s, err := NewSampler(model)
		if err != nil {
			t.Fatal(err)
		}
		for i, got := range losses {
			logits, err := s.Feed(text[i])
			if err != nil {
				t.Fatal(err)
			}
			sum := 0.0
			for _, x := range logits {
				sum += math.Exp(float64(x))
			}
			if want := math.Log(sum) - float64(logits[text[i+1]]); math.Abs(got-want) > 1e-6 {
				t.Fatalf("%d bytes: number %d costs %v, want %v", n, i+1, got, want)
			}
		}
		s.Close()
	}
	if _, err := TextLoss(model, []byte{1, 2, 99}); err == nil || !strings.Contains(err.Error(), "99") {
		t.Errorf("a strange byte: error %v", err)
	}
}

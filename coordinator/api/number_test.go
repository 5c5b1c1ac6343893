package api_test

import (
	"encoding/json"
	"math"
	"testing"

	"github.com/rondo-ml/rondo/coordinator/api"
)

// What is not finite survives the way through JSON as not finite.
func TestNumber(t *testing.T) {
	for x, want := range map[float64]string{1.5: "1.5", -0.25: "-0.25", 6e25: "6e+25", math.Inf(1): "null", math.Inf(-1): "null", math.NaN(): "null"} {
		text, err := json.Marshal(api.Evaluation{Loss: api.Number(x)})
		if err != nil {
			t.Fatalf("%v: %v", x, err)
		}
		var fields map[string]json.RawMessage
		if err := json.Unmarshal(text, &fields); err != nil || string(fields["loss"]) != want {
			t.Errorf("%v is written as %s, want %s (%v)", x, fields["loss"], want, err)
		}
		var back api.Evaluation
		if err := json.Unmarshal(text, &back); err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		if finite := api.Number(x).Finite(); back.Loss.Finite() != finite || (finite && float64(back.Loss) != x) {
			t.Errorf("%v comes back as %v", x, back.Loss)
		}
	}
	var e api.Evaluation
	if err := json.Unmarshal([]byte(`{"loss": "much"}`), &e); err == nil {
		t.Error("a word was read as a number")
	}
}

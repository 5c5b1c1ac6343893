package api_test

import (
	"encoding/json"
	"testing"

	"github.com/rondo-ml/rondo/coordinator/api"
)

// What can be read can be shown and read again.
func FuzzDecodeOutcome(f *testing.F) {
	f.Add([]byte(`{"step":3,"classes":{"of":2,"list":[{"class":0,"is":4},{"class":1}],"counts":[[3,1],[0,0]],"pairs":[{"is":0,"taken":1,"count":1,"samples":[7],"losses":[null]}]}}`))
	f.Add([]byte(`{"step":3,"guesses":[{"sample":7,"is":1,"taken":0,"loss":2.5}],"texts":[{"prompt":"a","temperature":0.7,"text":"b"}]}`))
	f.Add([]byte(`{"step":3,"calibration":{"error":0.1,"bins":[{"count":4,"right":3,"sure":0.7},{"count":0,"right":0,"sure":null}]}}`))
	f.Add([]byte(`{"classes":{"of":1,"list":[{}],"counts":[null]}}`))
	f.Add([]byte(`null`))
	f.Fuzz(func(t *testing.T, text []byte) {
		o, err := api.DecodeOutcome(text)
		if err != nil {
			return
		}
		again, err := json.Marshal(o)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := api.DecodeOutcome(again); err != nil && len(again) <= api.MaxOutcome {
			t.Fatalf("%s is read, and not once it is written as %s: %v", text, again, err)
		}
	})
}

// A calibration without bins cannot be drawn, and so is refused.
func TestDecodeOutcomeBins(t *testing.T) {
	for _, text := range []string{`{"calibration":{}}`, `{"calibration":{"error":0.1,"bins":[]}}`} {
		if _, err := api.DecodeOutcome([]byte(text)); err == nil {
			t.Errorf("%s is taken", text)
		}
	}
}

// A table lacks none of the classes that it is to list, and speaks of no others.
func TestDecodeOutcomeClasses(t *testing.T) {
	for text, taken := range map[string]bool{
		`{"of":2,"list":[{"class":1},{"class":0}],"pairs":[{"is":1,"taken":0}]}`: true,
		`{"of":2}`: false, `{"of":0}`: false, `{"of":2,"list":[]}`: false, `{"of":2,"list":[{"class":0}]}`: false, `{"of":1,"list":[{},{"class":1}]}`: false,
		`{"of":2,"list":[{"class":1},{"class":1}]}`:                                 false,
		`{"of":2,"list":[{"class":1},{"class":2}]}`:                                 false,
		`{"of":2,"list":[{"class":0},{"class":-1}]}`:                                false,
		`{"of":2,"list":[{"class":1},{"class":0}],"pairs":[{"is":2,"taken":0}]}`:    false,
		`{"of":2,"list":[{"class":1},{"class":0}],"pairs":[{"is":1,"taken":-1}]}`:   false,
		`{"of":2,"list":[{"class":1},{"class":0}],"counts":[[1,0],[0]],"pairs":[]}`: false,
	} {
		if _, err := api.DecodeOutcome([]byte(`{"classes":` + text + `}`)); (err == nil) != taken {
			t.Errorf("%s: %v", text, err)
		}
	}
}

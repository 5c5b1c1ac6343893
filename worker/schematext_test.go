package worker

import (
	"strings"
	"testing"

	"github.com/rondo-ml/rondo/worker/checkpoint"
)

// The checkpoints of a run on a text say how it was cut, and the text is there to check against them.
func TestTextSaysHowItWasCut(t *testing.T) {
	f := smallFile(t)
	data, err := OpenData(f, f.Data.Train)
	if err != nil {
		t.Fatal(err)
	}
	text := data.schemaText()
	if !strings.Contains(string(text), `"split":`) {
		t.Errorf("%s", text)
	}
	if err := CheckNumbering(&checkpoint.Manifest{Bits: f.Bits(), Data: text}, f, f.Data.Valid); err != nil {
		t.Error(err)
	}
}

package history

import (
	"slices"
	"testing"
)

// Waterfalls are read as they were written; one of another step, or that cannot be shown, is not.
func TestWaterfalls(t *testing.T) {
	first, second := `{"worker":"w","step":3,"total":0.5,"spans":[{"part":"bucket","number":1,"begin":0.1,"end":0.2,"bytes":40}]}`, `{"worker":"w","step":9,"total":0.5,"spans":[]}`
	text := AppendWaterfall(AppendWaterfall(nil, 3, []byte(first)), 9, []byte(second))
	if l := loaded(text); !slices.Equal(l.Waterfalls.Steps(), []uint64{3, 9}) || string(l.Waterfalls.At(3)) != first || string(l.Waterfalls.At(0)) != second {
		t.Errorf("steps %v", l.Waterfalls.Steps())
	}
	if l := loaded(AppendCut(text, 5)); !slices.Equal(l.Waterfalls.Steps(), []uint64{3}) {
		t.Errorf("after going back: %v", l.Waterfalls.Steps())
	}
	for _, bad := range []string{`{"step":4,"spans":[{"part":"lunch"}]}`, `{"step":4,"spans":[{"part":"rows","begin":2,"end":1}]}`, `{"step":5}`, `{"step":4,"total":-1}`, `[`} {
		if l := loaded(AppendWaterfall(nil, 4, []byte(bad))); len(l.Waterfalls.Steps()) > 0 {
			t.Errorf("%s is taken", bad)
		}
	}
}

package web

import (
	"testing"

	"github.com/rondo-ml/rondo/coordinator/api"
)

// unasked is a run that has recorded a step, and fails the test that asks where its time went.
type unasked struct {
	Source
	t *testing.T
}

func (u unasked) WaterfallSteps() []uint64 { return []uint64{7} }

func (u unasked) WaterfallAt(uint64) []byte {
	u.t.Error("a waterfall is unpacked")
	return nil
}

// A status, which is asked for every second, says that there are waterfalls without unpacking one.
func TestStatusUnpacksNoWaterfall(t *testing.T) {
	if got := tellsWaterfalls(unasked{t: t}); got != api.WaterfallsKept {
		t.Errorf("it says %q", got)
	}
}

package cmd

import (
	"slices"
	"testing"

	"github.com/rondo-ml/rondo/nn/zoo"
)

func TestParseHolds(t *testing.T) {
	got, err := parseHolds([]string{"388=1.5", "0=-2"}, "c")
	if want := []zoo.Hold{{State: "c", Unit: 388, Value: 1.5}, {State: "c", Unit: 0, Value: -2}}; err != nil || !slices.Equal(got, want) {
		t.Errorf("%v, %v, want %v", got, err, want)
	}
	for _, text := range []string{"", "3", "3=", "=1", "a=1", "3=NaN", "3=1e99", "3=1,4=2"} {
		if _, err := parseHolds([]string{text}, "c"); err == nil {
			t.Errorf("%q: no error", text)
		}
	}
}

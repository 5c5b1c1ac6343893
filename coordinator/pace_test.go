package coordinator

import (
	"math"
	"testing"
)

// An average is right from its first value on, and follows the newest ones.
func TestAverage(t *testing.T) {
	var a average
	if a.mean() != 0 {
		t.Error("of nothing:", a.mean())
	}
	a.add(5)
	if a.mean() != 5 {
		t.Error("of one value:", a.mean())
	}
	for range 100 {
		a.add(7)
	}
	if math.Abs(a.mean()-7) > 1e-3 {
		t.Error("after 100 values of 7:", a.mean())
	}
}

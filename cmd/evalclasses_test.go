package cmd

import (
	"bytes"
	"strings"
	"testing"

	"github.com/rondo-ml/rondo/nn/measure"
	"github.com/rondo-ml/rondo/worker"
)

func TestClassTable(t *testing.T) {
	m := measure.NewConfusion(3)
	for _, pair := range [][2]int32{{0, 0}, {0, 0}, {0, 1}, {1, 1}} {
		m.Add(pair[0], pair[1])
	}
	names := func(class int) string { return []string{"wall", "cell", "none"}[class] }
	var b bytes.Buffer
	if err := printClassTable(&b, worker.Measured{Whole: []measure.Measure{measure.NewTop(1), m}}, names); err != nil {
		t.Fatal(err)
	}
	got := strings.Join(strings.Fields(b.String()), " ")
	wantText(t, got, "wall 3 66.67 % 100.00 % 80.00 % 66.67 % cell 1 100.00 % 50.00 %", "none 0 – – – –", "taken for wall cell none wall 2 1 0 cell 0 1 0")
	if err := printClassTable(&b, worker.Measured{}, names); err == nil {
		t.Error("a table of no classes")
	}
}

package zoo

import (
	"strings"
	"testing"

	"github.com/rondo-ml/rondo/nn"
	"github.com/rondo-ml/rondo/nn/task"
)

// Layers have the parameters that section II.B of the paper counts.
func TestLeNet1998Layers(t *testing.T) {
	m, err := New("lenet5-1998", mustLookup(t, "lenet5-1998").Config())
	if err != nil {
		t.Fatal(err)
	}
	layers := map[string]int{}
	for _, p := range m.Params().List {
		name, _, _ := strings.Cut(p.Name, ".")
		layers[name] += p.Size()
	}
	for name, want := range map[string]int{"c1": 156, "s2": 12, "c3": 1516, "s4": 32, "c5": 48_120, "f6": 10_164} {
		if layers[name] != want {
			t.Errorf("%s has %d parameters, the paper's has %d", name, layers[name], want)
		}
	}
}

// Layers connect as often as section II.B of the paper counts: a multiply-add is a connection, and so is a bias.
func TestLeNet1998Connections(t *testing.T) {
	m, err := New("lenet5-1998", mustLookup(t, "lenet5-1998").Config())
	if err != nil {
		t.Fatal(err)
	}
	tape := nn.NewTape(m.Params(), nil, nn.Shape{Steps: 1, Lanes: 1, Rows: 1}, nn.Inference, 0)
	Record(m, task.Default(task.Class), tape, nil)
	tape.Measure()
	connections := map[string]int{}
	for _, l := range tape.Layers() {
		name, _, _ := strings.Cut(l.Name, ".")
		connections[name] += int(l.Operations / 2)
	}
	for name, want := range map[string]struct{ paper, outputs int }{
		"c1": {122_304, 6 * 28 * 28}, "c3": {151_600, 16 * 10 * 10}, "c5": {48_120, 120}, "f6": {10_164, 84},
	} {
		if got := connections[name] + want.outputs; got != want.paper {
			t.Errorf("%s has %d connections, the paper's has %d", name, got, want.paper)
		}
	}
}

// No two centres are so near to each other that one class is the other's.
func TestCentres(t *testing.T) {
	for class := range centresMost {
		a := centre(class)
		for other := range class {
			differ := 0
			for i, v := range centre(other) {
				if a[i] != v {
					differ++
				}
			}
			if differ < 5 {
				t.Errorf("the centres of classes %d and %d differ in %d units", other, class, differ)
			}
		}
	}
	if c := centre(7); c[7] != 1 || c[13] != 1 || c[14] != -1 || c[83] != -1 {
		t.Error("the centre of class 7 is no seven")
	}
}

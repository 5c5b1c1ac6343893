package machine

import "testing"

func TestResident(t *testing.T) {
	for text, want := range map[string]int64{"proc/self/statm: 4000 250 30 1 0 500 0": 250 << 12, "proc/self/statm: 4000 -3 30": 0, "proc/self/statm: 4000 many": 0,
		"proc/self/statm: 4000": 0, "": 0} {
		if got := resident(tree(text), 1<<12); got != want {
			t.Errorf("%q: %d bytes, want %d", text, got, want)
		}
	}
	if n := Resident(); n != 0 && n < 1<<20 {
		t.Errorf("this process holds %d bytes", n)
	}
}

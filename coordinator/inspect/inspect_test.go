package inspect

import (
	"bytes"
	"context"
	"strings"
	"testing"
)

// Every look has an answer: text of the stacks, compressed profiles else.
func TestTake(t *testing.T) {
	over, cancel := context.WithCancel(t.Context())
	cancel() // a profile of time ends with who asked for it
	for _, what := range Names() {
		data, err := Take(over, what, 1)
		if err != nil {
			t.Errorf("%s: %v", what, err)
			continue
		}
		if what == Goroutines {
			if !strings.Contains(string(data), "inspect.TestTake") {
				t.Errorf("this test is not among the stacks:\n%s", data)
			}
		} else if !bytes.HasPrefix(data, []byte{0x1f, 0x8b}) {
			t.Errorf("%s: no compressed profile: %q", what, data[:min(len(data), 20)])
		}
	}
}

func TestCheck(t *testing.T) {
	for _, c := range []struct {
		what    string
		seconds int
		wrong   string
	}{{"heap", 0, ""}, {CPU, MaxSeconds, ""}, {CPU, 0, "from 1 to"}, {CPU, MaxSeconds + 1, "from 1 to"}, {"memory", 1, "ask for goroutines"}} {
		err := Check(c.what, c.seconds)
		if (err == nil) != (c.wrong == "") || err != nil && !strings.Contains(err.Error(), c.wrong) {
			t.Errorf("%s for %d s: %v", c.what, c.seconds, err)
		}
	}
}

// What is beyond the bound is left out and noticed.
func TestBounded(t *testing.T) {
	b := &bounded{}
	for range 4 {
		if n, err := b.Write(make([]byte, 1<<20)); n != 1<<20 || err != nil {
			t.Fatal(n, err)
		}
	}
	if b.Len() != MaxBytes || !b.full {
		t.Errorf("%d bytes, full: %v", b.Len(), b.full)
	}
}

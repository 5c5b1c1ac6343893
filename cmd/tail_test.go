package cmd

import (
	"fmt"
	"strings"
	"testing"
)

func TestTail(t *testing.T) {
	lines := func(from, to int) string {
		var all []string
		for i := from; i < to; i++ {
			all = append(all, fmt.Sprintf("line %d", i))
		}
		return strings.Join(all, "\n")
	}
	for _, c := range []struct {
		name   string
		writes []string
		want   string
	}{
		{"nothing", nil, ""},
		{"a line in pieces", []string{"one ", "li", "ne\n"}, "one line"},
		{"the last line unfinished", []string{"one\ntwo"}, "one\ntwo"},
		{"more lines than are shown", []string{lines(0, 50) + "\n"}, lines(30, 50)},
		{"more than is kept", []string{strings.Repeat("x", 3*tailBytes), "\nlast\n"}, "last"},
	} {
		tail := &tail{}
		for _, w := range c.writes {
			if n, err := tail.Write([]byte(w)); n != len(w) || err != nil {
				t.Fatalf("%s: %d, %v", c.name, n, err)
			}
		}
		if got := tail.text(); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
	tail := &tail{}
	for range 1000 {
		tail.Write([]byte(lines(0, 100)))
	}
	if len(tail.end) > 2*tailBytes {
		t.Errorf("%d bytes are kept, want at most %d", len(tail.end), 2*tailBytes)
	}
}

func TestUnsaid(t *testing.T) {
	const log = "time=1 level=INFO msg=joined\n" +
		"time=2 level=WARN msg=\"slow disk\"\n" +
		"rondo: block 3: its CRC-32C is wrong"
	for _, c := range []struct{ reason, want string }{
		{"worker-0 failed: block 3: its CRC-32C is wrong; the run ends", "time=2 level=WARN msg=\"slow disk\""},
		{"worker-0 was lost", "time=2 level=WARN msg=\"slow disk\"\nrondo: block 3: its CRC-32C is wrong"},
	} {
		if got := unsaid(log, c.reason); got != c.want {
			t.Errorf("reason %q: %q, want %q", c.reason, got, c.want)
		}
	}
	const slow = `{"time":"2","level":"WARN","msg":"slow disk"}`
	const asJSON = `{"time":"1","level":"INFO","msg":"joined"}` + "\n" + slow + "\n" + `{"time":"3","level":"ERROR","msg":"block 3: its CRC-32C is wrong"}`
	if got := unsaid(asJSON, "worker-0 failed: block 3: its CRC-32C is wrong; the run ends"); got != slow {
		t.Errorf("of JSON %q, want %q", got, slow)
	}
}

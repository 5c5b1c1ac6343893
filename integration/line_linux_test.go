package integration

import (
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// lineRate is 1 Gbit/s in bytes.
const lineRate = 1e9 / 8

var busMicros = regexp.MustCompile(`bytes=(\d+) us=(\S+)`)

// overLine sums between two processes in network namespaces of their own, on a
// line of 1 Gbit/s each way, with TLS, and returns the share of the line that
// the sums filled. Where namespaces cannot be made it says so and skips.
func overLine(t testing.TB, mib, seconds string) float64 {
	t.Helper()
	program := filepath.Join(t.TempDir(), "ringbench")
	if said, err := exec.Command("go", "build", "-o", program, "./ringbench").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, said)
	}
	if said, err := exec.Command("unshare", "--net", "ip", "link", "add", "ring0", "type", "veth", "peer", "name", "ring1").CombinedOutput(); err != nil {
		t.Skipf("no network namespace with a line can be made here (root, ip and tc are needed): %v %s", err, said)
	}
	said, err := exec.Command(program, "-limit", "1000", "-workers", "2", "-links", "tls", "-mib", mib, "-time", seconds).CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, said)
	}
	m := busMicros.FindStringSubmatch(string(said))
	if m == nil {
		t.Fatalf("it says %q", said)
	}
	bytes, _ := strconv.ParseFloat(m[1], 64)
	micros, _ := strconv.ParseFloat(m[2], 64)
	t.Log(strings.TrimSpace(string(said)))
	return bytes / (micros / 1e6) / lineRate
}

// TestOverLine sums over a real line with its losses and queues; the program
// checks every number. No line can carry more than its rate.
func TestOverLine(t *testing.T) {
	if share := overLine(t, "4", "100ms"); share <= 0 || share > 1.1 {
		t.Errorf("%.0f %% of the line's rate", 100*share)
	}
}

// BenchmarkOverLine is the share of a line of 1 Gbit/s that a sum of 64 MiB
// between two workers fills, with TLS. Ethernet, IP and TCP leave 95 %.
func BenchmarkOverLine(b *testing.B) {
	for b.Loop() {
		b.ReportMetric(100*overLine(b, "64", "4s"), "%line")
	}
	b.ReportMetric(0, "ns/op")
}

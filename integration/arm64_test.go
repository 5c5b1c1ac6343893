//go:build qemu

package integration

import (
	"os"
	"os/exec"
	"testing"
)

// TestARM64 lets a worker on arm64, emulated by qemu, into a ring of others: it
// computes the same bits, in either precision.
func TestARM64(t *testing.T) {
	for _, precision := range []string{"float32", "bf16"} {
		t.Run(precision, func(t *testing.T) {
			l := NewLab(t)
			smallRun(l)
			arm := l.onARM64()
			want := l.calm("precision=" + precision)
			c := l.StartCluster(2, "precision="+precision)
			c.StartWorker("worker-0")
			p := arm.Start(c.WorkerArgs("worker-1")...)
			p.WaitOutput(`msg=joined`)
			c.Workers = append(c.Workers, p)
			c.WantLeft(0)
			if got := l.Digest(c.Dir); got != want {
				t.Errorf("digest %s with a worker on arm64, %s without", got, want)
			}
		})
	}
}

// onARM64 is the lab with a binary for arm64.
func (l *Lab) onARM64() *Lab {
	l.t.Helper()
	build := exec.Command("go", "build", "-o", l.Path("rondo-arm64"), module+"cmd/rondo")
	build.Env = append(build.Environ(), "GOARCH=arm64", "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		l.t.Fatalf("%v\n%s", err, out)
	}
	script := l.Write("arm64", "#!/bin/sh\nexec qemu-aarch64 "+l.Path("rondo-arm64")+" \"$@\"\n")
	if err := os.Chmod(script, 0o755); err != nil {
		l.t.Fatal(err)
	}
	other := *l
	other.bin = script
	return &other
}

package integration

import (
	"bufio"
	"bytes"
	le "encoding/binary"
	"fmt"
	"math"
	"os"
	"strings"
	"testing"

	"github.com/rondo-ml/rondo/coordinator/api"
	"github.com/rondo-ml/rondo/nn/safetensors"
)

// TestFlippedWeight flips a bit in the memory of one of three workers while it trains. The worker, the tensor and the step
// are named, the run goes back to a checkpoint from before, and has the weights of a calm one.
func TestFlippedWeight(t *testing.T) {
	t.Parallel()
	l := NewLab(t)
	const frozen = "encoder.weight" // which stays as it is, so its bytes are known
	sets := []string{endless, "model.freeze=" + frozen, "eval.every=0", "checkpoint.every=20", "checkpoint.keep=99", "watch.every=3"}
	asks := []string{"lr 2e-3 --at 43", "lr --clear --at 400"} // the first takes effect once more
	c := l.askedCluster(3, sets, asks...)
	c.StartWorkers(3)
	c.Coordinator.WaitStatus("a checkpoint, and a rate behind it", func(s api.Status) bool { return s.Step >= 45 && len(s.Checkpoints) > 0 })
	if n := flip(t, c.Workers[1].PID(), frozenRow(t, l.Path(c.Dir, "step-000000020", "weights.safetensors"), frozen, 'x')); n == 0 {
		t.Fatal("the weights are not found in the worker's memory")
	}
	c.Coordinator.WaitOutput("worker-1 holds other bits of " + frozen + " than the other 2 of 3 workers")
	c.Coordinator.WaitOutput("the run goes back to step")
	c.Coordinator.WaitStatus("steps behind both rates", func(s api.Status) bool { return s.Generation >= 2 && s.Step > 420 })
	c.WantCalm()
	l.wantWholeLedger(c, " views")
}

// frozenRow is a row of a tensor in a file, as it lies in memory.
func frozenRow(t *testing.T, path, name string, row int) []byte {
	t.Helper()
	f, err := safetensors.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	x, err := f.Read(name)
	if err != nil {
		t.Fatal(err)
	}
	width := x.Shape[1]
	var text []byte
	for _, v := range x.Data.([]float32)[row*width : (row+1)*width] {
		text = le.LittleEndian.AppendUint32(text, math.Float32bits(v))
	}
	return text
}

// flip flips a bit of each place in a process's memory that holds these bytes, and returns how many there are.
func flip(t *testing.T, pid int, row []byte) (flipped int) {
	t.Helper()
	maps, err := os.Open(fmt.Sprintf("/proc/%d/maps", pid))
	if err != nil {
		t.Fatal(err)
	}
	defer maps.Close()
	memory, err := os.OpenFile(fmt.Sprintf("/proc/%d/mem", pid), os.O_RDWR, 0)
	if err != nil {
		t.Skipf("the memory of another process cannot be written here: %v", err)
	}
	defer memory.Close()
	for lines := bufio.NewScanner(maps); lines.Scan(); {
		var from, to int64
		var mode string
		if _, err := fmt.Sscanf(lines.Text(), "%x-%x %s", &from, &to, &mode); err != nil || !strings.HasPrefix(mode, "rw") {
			continue
		}
		text := make([]byte, to-from)
		n, _ := memory.ReadAt(text, from) // what cannot be read is not weights
		for at := 0; ; at += len(row) {
			i := bytes.Index(text[at:n], row)
			if i < 0 {
				break
			}
			at += i
			if _, err := memory.WriteAt([]byte{row[5] ^ 4}, from+int64(at)+5); err != nil {
				t.Fatal(err)
			}
			flipped++
		}
	}
	return flipped
}

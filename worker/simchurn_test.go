package worker

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rondo-ml/rondo/coordinator"
	"github.com/rondo-ml/rondo/coordinator/runfile"
	"github.com/rondo-ml/rondo/data/shard"
	"github.com/rondo-ml/rondo/worker/checkpoint"
)

// tinyFile is a run on a text of so many bytes, which are one pair more than its epoch has.
func tinyFile(t *testing.T, bytes int, sets ...string) *runfile.File {
	t.Helper()
	dir := t.TempDir()
	text := strings.Repeat("what comes after this is known to few. ", bytes/20+1)[:bytes-1] + "\n"
	path := filepath.Join(dir, "text.txt")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := shard.WriteText(shard.TextOptions{Out: filepath.Join(dir, "s")}, []string{path}); err != nil {
		t.Fatal(err)
	}
	base := []string{"model.kind=charlm", "model.cell=lstm", "model.hidden=8", "model.embed=8", "model.dropout=0.3", "data.train=" + filepath.Join(dir, "s", "train"),
		"batch.global=2", "batch.lanes=2", "batch.length=8", "schedule.kind=constant", "steps=9", "checkpoint.every=1", "checkpoint.keep=99"}
	f, err := runfile.Parse("tiny.yaml", nil, append(base, sets...))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// whole wants the ledger of a run in its directory to be whole.
func (c *simCluster) whole(t *testing.T, name string) {
	t.Helper()
	data, err := OpenData(c.file, c.file.Data.Train)
	if err != nil {
		t.Fatal(err)
	}
	a, err := AuditData(context.Background(), c.file, data, c.file.Steps)
	if err != nil || a.Uses != int64(a.Epochs)*a.Items+a.Part {
		t.Errorf("%s: the ledger: %+v, %v", name, a, err)
	}
	journal, err := checkpoint.ReadJournal(c.file.Checkpoint.Dir)
	if err == nil {
		_, _, err = checkpoint.Owners(journal, c.file.Batch.Lanes, uint64(c.file.Steps))
	}
	if err != nil {
		t.Errorf("%s: the journal: %v", name, err)
	}
	for at, line := range journal {
		if line.View == nil && at > 0 && line.Step < journal[at-1].Step {
			t.Errorf("%s: the journal goes back from step %d to %d", name, journal[at-1].Step, line.Step)
		}
	}
}

// TestChurn has a worker leave and another one join at each pair of steps, at the ends of epochs and in the last step
// too. Every pair of bytes is used once an epoch, and who joins last ends like the others.
func TestChurn(t *testing.T) {
	k := newSimKit(t)
	files := []*runfile.File{tinyFile(t, 49), tinyFile(t, 50), tinyFile(t, 6*48+1, "batch.global=6", "batch.lanes=6")}
	if testing.Short() {
		files = files[:1]
	}
	for _, f := range files {
		file := k.add(t, f)
		for _, leaves := range []int{2, 3, 5} {
			for _, joins := range []int{4, 6, 8} {
				name := fmt.Sprintf("%d lanes, leave after %d, join after %d", f.Batch.Lanes, leaves, joins)
				triggers := []*trigger{
					{host: "worker-0", what: fmt.Sprintf("says: step step %d", leaves-1), strike: func(c *simCluster) { c.askLeave("worker-1") }},
					{host: "worker-0", what: fmt.Sprintf("says: step step %d", joins-1), strike: func(c *simCluster) { c.employ("worker-7") }},
				}
				k.want(t, name, file, func(c *simCluster) coordinator.Result {
					c.at(triggers...)
					r := c.carry(2, false, nil)
					c.whole(t, name)
					for _, who := range []string{"worker-0", "worker-1", "worker-7"} {
						if len(c.ends[who]) == 0 || c.ends[who][0] != nil {
							t.Errorf("%s: %s ended with %v", name, who, c.ends[who])
						}
					}
					return r
				}, triggers...)
			}
		}
	}
}

// TestRejoin loses the owner of the first lane, or of the last, in each way, and has it come again at once, soon, and after the
// others have gone on for long.
func TestRejoin(t *testing.T) {
	k := newSimKit(t)
	ways := []struct {
		name, short string // short is who alone is lost in a short test
		strike      func(c *simCluster, name string)
	}{
		{"leave", "worker-0", func(c *simCluster, name string) { c.askLeave(name) }},
		{"kill", "worker-2", func(c *simCluster, name string) { c.killWorker(name) }},
		{"stop", "worker-0", func(c *simCluster, name string) { c.freeze(name, 5*time.Second) }},
		{"leave, then kill", "worker-2", func(c *simCluster, name string) {
			c.askLeave(name)
			time.AfterFunc(50*time.Millisecond, func() { c.killWorker(name) })
		}},
	}
	for _, way := range ways {
		for _, who := range []string{"worker-0", "worker-2"} {
			for _, rest := range []time.Duration{time.Millisecond, 300 * time.Millisecond, 20 * time.Second} {
				if testing.Short() && (rest != 300*time.Millisecond || who != way.short) {
					continue
				}
				name := fmt.Sprintf("%s of %s, again after %v", way.name, who, rest)
				lost := &trigger{host: who, what: "says: step step 4", strike: func(c *simCluster) {
					way.strike(c, who)
					c.employ(who)
				}}
				k.want(t, name, 0, func(c *simCluster) coordinator.Result {
					c.net.base, c.rest = 500*time.Millisecond, rest // so slow a line that the run lasts longer
					if way.name == "stop" {
						c.net.base = 50 * time.Millisecond // so fast a one that it is noticed
					}
					c.at(lost)
					r := c.carry(3, false, nil)
					if again := strings.Count(c.log.text.String(), "at="+who+` level=INFO msg="in the ring"`); again < 2 {
						t.Errorf("%s: it came into %d rings", name, again)
					}
					return r
				}, lost)
			}
		}
	}
}

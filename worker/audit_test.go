package worker

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rondo-ml/rondo/coordinator/runfile"
	"github.com/rondo-ml/rondo/data/shard"
)

// textOf cuts a text of so many bytes into a set.
func textOf(t *testing.T, size int) string {
	t.Helper()
	dir := t.TempDir()
	path := filepath.Join(dir, "text.txt")
	if err := os.WriteFile(path, []byte(strings.Repeat("0123456 ", size/8+1)[:size-1]+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := shard.WriteText(shard.TextOptions{Out: filepath.Join(dir, "s")}, []string{path}); err != nil {
		t.Fatal(err)
	}
	return filepath.Join(dir, "s", "train")
}

// TestAudit: each pair and each sample once an epoch, where texts end with a batch and where they do not.
func TestAudit(t *testing.T) {
	for _, c := range []struct {
		sets  []string
		steps int
		want  Audit
	}{
		// 49 bytes are 48 pairs, three steps of 2 rows of 8; 50 bytes make a fourth, short one.
		{[]string{"data.train=" + textOf(t, 49), "batch.global=2", "batch.lanes=2", "batch.length=8"}, 9, Audit{Items: 48, Uses: 144, Epochs: 3}},
		{[]string{"data.train=" + textOf(t, 50), "batch.global=2", "batch.lanes=2", "batch.length=8"}, 9, Audit{Items: 49, Uses: 114, Epochs: 2, Part: 16}},
		{[]string{"data.train=" + textOf(t, 50), "batch.global=2", "batch.lanes=2", "batch.length=8"}, 8, Audit{Items: 49, Uses: 98, Epochs: 2}},
		{[]string{"data.train=" + textOf(t, 1003), "batch.global=6", "batch.lanes=6", "batch.length=8"}, 63, Audit{Items: 1002, Uses: 3006, Epochs: 3}},
		{[]string{"data.train=" + textOf(t, 1003), "batch.global=12", "batch.lanes=6", "batch.length=8"}, 0, Audit{Items: 1002}},
		{[]string{"model.kind=lenet5", "data.train=generated:train?count=36", "batch.global=16", "batch.lanes=8"}, 10,
			Audit{Items: 36, Uses: 160, Epochs: 4, Part: 16}},
		{[]string{"model.kind=lenet5", "model.classes=4", "data.train=" + storedSet(t, 36, 28, nil), "batch.global=16", "batch.lanes=8"}, 9,
			Audit{Items: 36, Uses: 144, Epochs: 4}},
		{[]string{"model.kind=lenet5", "data.train=generated:train?count=7", "batch.global=16", "batch.lanes=8"}, 3, Audit{Items: 7, Uses: 48, Epochs: 6, Part: 6}},
	} {
		f, err := runfile.Parse("audit.yaml", nil, c.sets)
		if err != nil {
			t.Fatal(err)
		}
		data, err := OpenData(f, f.Data.Train)
		if err != nil {
			t.Fatal(err)
		}
		c.want.Steps, c.want.Lanes = c.steps, f.Batch.Lanes
		if got, err := AuditData(t.Context(), f, data, c.steps); err != nil || got != c.want {
			t.Errorf("%v: %+v, %v; want %+v", c.sets, got, err, c.want)
		}
	}
}

// misled is a ledger that says something else of one row.
type misled struct {
	ledger
	step, row int
	use       use
}

func (m *misled) uses(step, row int) use {
	if step == m.step && row == m.row {
		return m.use
	}
	return m.ledger.uses(step, row)
}

// An item that is used twice, or not at all, is named with its steps.
func TestAuditFinds(t *testing.T) {
	f, err := runfile.Parse("audit.yaml", nil, []string{"data.train=" + textOf(t, 50), "batch.global=2", "batch.lanes=2", "batch.length=8"})
	if err != nil {
		t.Fatal(err)
	}
	data, err := OpenData(f, f.Data.Train)
	if err != nil {
		t.Fatal(err)
	}
	feed, err := data.feed(f, nil, true)
	if err != nil {
		t.Fatal(err)
	}
	for want, m := range map[string]*misled{
		"epoch 0: item 15 is used more than once: at step 1 in row 0, at step 2 in row 0": {step: 2, row: 0, use: use{0, 15, 8}},
		"epoch 0: item 16 is used in no step":                                             {step: 2, row: 0, use: use{0, 16, 0}},
		"epoch 1: item 3 is used more than once: at step 4 in row 0, at step 8 in row 0":  {step: 8, row: 0, use: use{1, 3, 1}},
		"epoch 1: item 49 is used more than once: at step 5 in row 1":                     {step: 5, row: 1, use: use{1, 45, 5}},
		"epoch 0: item 0 is used in no step":                                              {step: 0, row: 0, use: use{0, 0, 0}},
	} {
		m.ledger = feed
		_, err := audit(t.Context(), m, 12, 2)
		if _, is := errors.AsType[*LedgerError](err); !is || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := audit(ended, feed, 12, 2); !errors.Is(err, context.Canceled) {
		t.Error(fmt.Sprint(err))
	}
}

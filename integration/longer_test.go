package integration

import (
	"strings"
	"testing"
)

// tinyFile is a run of 3 epochs of 3 steps over a text of 49 bytes.
const tinyFile = `name: tiny
model: {kind: charlm, cell: lstm, hidden: 8, embed: 8, dropout: 0.3}
data: {train: shards/train}
batch: {global: 2, lanes: 2, length: 8}
schedule: {kind: constant}
steps: 9
checkpoint: {dir: run, every: 1, keep: 99}
`

// TestTrainingLonger goes on from the last step of a run, to more steps: to the digest of a run that had so many from
// its beginning, or to an error where that run would have been another.
func TestTrainingLonger(t *testing.T) {
	t.Parallel()
	l := NewLab(t)
	l.Write("text.txt", "all happy families are alike; each unhappy family\n"[:48]+"\n")
	l.Must("shard", "text", "--out", "shards", "--valid", "0", "text.txt")
	l.Write("run.yaml", tinyFile)
	train := func(dir string, more ...string) {
		t.Helper()
		if r := l.train(dir, more...); r.Code != 0 {
			t.Fatalf("exit status %d\n%s%s", r.Code, r.Stdout, r.Stderr)
		}
	}
	train("calm", "--set", "steps=18")
	train("run")
	short := l.Digest("run")
	train("run", "--resume", "--set", "steps=18", "--workers", "2")
	if want, got := l.Digest("calm"), l.Digest("run"); got != want || got == short {
		t.Errorf("made longer: digest %s, want %s (9 steps have %s)", got, want, short)
	}
	tiny := []string{"run.yaml", "--set", "steps=18", "--set", "checkpoint.dir=run"}
	for command, want := range map[string]string{"audit": "48 bytes in an epoch, 288 uses\neach byte was used once in each of 6 whole epochs\n",
		"replay --step 18": "equal to the run's checkpoint of that step"} {
		if out := l.Must(append(strings.Fields(command), tiny...)...); !strings.Contains(out, want) {
			t.Errorf("%s says\n%s", command, out)
		}
	}
	l.WantError("fewer steps than are done", l.train("run", "--resume", "--set", "steps=9"), 1, "steps: 18 and 9 (18 steps are done)")

	train("cosine", "--set", "schedule.kind=cosine")
	l.WantError("another schedule", l.train("cosine", "--resume", "--set", "schedule.kind=cosine", "--set", "steps=18"), 1,
		"steps: 9 and 18", "schedule.kind = cosine", "the learning rate of the 9 steps that are done")
}

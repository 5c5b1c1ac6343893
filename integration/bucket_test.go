package integration

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/rondo-ml/rondo/coordinator/api"
	"github.com/rondo-ml/rondo/data/objects/objectstest"
)

// TestBucket trains from a bucket into a bucket, through errors, broken connections and lost answers, is killed as a whole and
// goes on: the digest is that of a run on this machine's disk, and nobody has written a secret anywhere.
func TestBucket(t *testing.T) {
	l := NewLab(t)
	smallRun(l)
	want := l.finishedRun()
	s := objectstest.New(t)
	l.Must("shard", "text", "--out", s.Address("shards"), "--valid", "0.1", "text.txt")
	n := 0
	s.Interfere(func(r *http.Request) objectstest.Fault {
		n++
		return map[int]objectstest.Fault{3: {Status: 500}, 7: {Reset: true}, 11: {Lose: r.Method == "PUT"}, 13: {Half: r.Method == "GET"}}[n%23]
	})
	dir := s.Address("runs/a")
	args := trainArgs(dir, "--workers", "3", "--set", "checkpoint.every=5", "--set", "checkpoint.keep=2",
		"--set", "data.train="+s.Address("shards/train"), "--set", "data.valid="+s.Address("shards/valid"))
	p := l.Start(args...)
	killed := p.WaitStatus("two checkpoints", func(s api.Status) bool { return len(s.Checkpoints) > 1 })
	p.Signal(syscall.SIGKILL)
	said := p.Wait()
	for _, w := range killed.Workers {
		_ = syscall.Kill(w.PID, syscall.SIGKILL) // it may have died with its parent
	}
	for _, w := range killed.Workers {
		waitGone(l, w.PID)
	}
	l.WantError("begun anew where a run is", l.Run(args...), 1, "--resume")
	r := l.Run(append(args, "--resume", "--workers", "2")...)
	if r.Code != 0 {
		t.Fatalf("going on: exit status %d\n%s", r.Code, r.Stderr)
	}
	if got := l.Digest(dir); got != want {
		t.Errorf("digest %s, on a disk %s", got, want)
	}
	for _, command := range [][]string{{"verify", dir}, {"verify", s.Address("shards")}, {"show", s.Address("shards/train")},
		{"eval", dir, "--data", s.Address("shards/valid")}} {
		l.Must(command...)
	}
	noSecret(t, said.Stdout+said.Stderr+r.Stdout+r.Stderr)
	logs, err := filepath.Glob(l.Path("runs", "*", "*", "*"))
	if err != nil || len(logs) == 0 {
		t.Fatalf("no logs: %v", err)
	}
	for _, path := range logs {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		noSecret(t, string(text))
	}
}

func noSecret(t *testing.T, text string) {
	t.Helper()
	if strings.Contains(text, objectstest.Secret) {
		t.Error("the secret was written")
	}
}

// TestBadBucket: what is wrong with a bucket is said before the first step, with its name and what to do.
func TestBadBucket(t *testing.T) {
	l := NewLab(t)
	smallRun(l)
	s := objectstest.New(t)
	only := func(method string) func(*http.Request) objectstest.Fault {
		return func(r *http.Request) objectstest.Fault {
			if r.Method == method {
				return objectstest.Fault{Status: 403, Code: "AccessDenied"}
			}
			return objectstest.Fault{}
		}
	}
	l.WantError("a bucket that is not there", l.Run(trainArgs("s3://bucket-of-nobody/runs")...), 1, "s3://bucket-of-nobody", "no such bucket", s.URL)
	s.Interfere(only("PUT"))
	l.WantError("a bucket that is read-only", l.Run(trainArgs(s.Address("runs"))...), 1, "checkpoint.dir", s.Bucket, "s3:PutObject")
	s.Interfere(only("HEAD"))
	l.WantError("data that nobody may read", l.Run(append(trainArgs("runs/b"), "--set", "data.train="+s.Address("train"))...), 1,
		"data.train", s.Bucket, "s3:GetObject")
	s.Interfere(nil)
	l.WantError("no data", l.Run(append(trainArgs("runs/c"), "--set", "data.train="+s.Address("train"))...), 1, "data.train", s.Address("train"), "set.json")
	s.IgnoreConditions(true)
	l.WantError("a store without conditions", l.Run(trainArgs(s.Address("runs"))...), 1, "conditional writes")
	withSecret := "s3://key:" + objectstest.Secret + "@bucket/runs"
	for _, args := range [][]string{trainArgs(withSecret), {"verify", withSecret}, {"show", "azblob://c/x?sig=" + objectstest.Secret}} {
		r := l.Run(args...)
		noSecret(t, r.Stdout+r.Stderr)
	}
	l.WantError("a secret in an address", l.Run(trainArgs(withSecret)...), 2, "checkpoint.dir", "without secrets")
}

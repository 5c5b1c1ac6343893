package integration

import (
	"runtime"
	"strings"
	"testing"
)

// TestBadConfig gives run files and flags that cannot be. Nothing is started,
// and what an earlier run saved stays as it is.
func TestBadConfig(t *testing.T) {
	t.Parallel()
	l := NewLab(t)
	smallRun(l)
	before := l.finishedRun()
	edit := func(from, to string) func() []string {
		return func() []string {
			text := strings.Replace(runFile, from, to, 1)
			if text == runFile {
				t.Fatalf("%q is not in the run file", from)
			}
			l.Write("bad.yaml", text)
			return []string{"train", "bad.yaml", "--resume"}
		}
	}
	args := func(more ...string) func() []string {
		return func() []string { return append([]string{"train", "run.yaml", "--resume"}, more...) }
	}
	for _, c := range []struct {
		name  string
		args  func() []string
		wants []string
	}{
		{"unknown field", edit("hidden: 32", "hiden: 32"), []string{"bad.yaml:3", `"model.hiden"`, "did you mean hidden?"}},
		{"unknown section", edit("steps: 40", "stepps: 40"), []string{"bad.yaml:8", `"stepps"`, "did you mean steps?"}},
		{"ill-typed field", edit("hidden: 32", "hidden: many"), []string{"bad.yaml:3", "model.hidden", `"many"`, "a whole number from 1 to 65536"}},
		{"a list for a number", edit("steps: 40", "steps: [40]"), []string{"bad.yaml:8", "steps", "a whole number"}},
		{"impossible value", edit("dropout: 0.1", "dropout: 1.5"), []string{"bad.yaml:3", "model.dropout", "1.5", "from 0 to below 1"}},
		{"unknown word", edit("cell: lstm", "cell: lsmt"), []string{"bad.yaml:3", "model.cell", "lsmt", "gru-textbook", "mlstm"}},
		{"lanes that do not divide the batch", edit("lanes: 8", "lanes: 5"), []string{"bad.yaml:5", "batch.lanes", "5", "divisor of batch.global", "1, 2, 4, 8, 16"}},
		{"an address of an object store", edit("train: shards/train", "train: hdfs://b/train"), []string{"bad.yaml:4", "data.train", "hdfs://b/train", "mount the store"}},
		{"checkpoints in an object store", args("--set", "checkpoint.dir=hdfs://b/x"), []string{"checkpoint.dir", "hdfs://b/x", "a directory for the checkpoints"}},
		{"0 in float32", args("--set", "optimizer.eps=1e-50"), []string{"--set optimizer.eps=1e-50", "above 0", "in float32, in which runs compute, it is 0"}},
		{"UTF-16", edit(runFile, "\xff\xfe"), []string{"bad.yaml", "UTF-16", "UTF-8"}},
		{"not YAML", edit("seed: 7", "seed: [7"), []string{"bad.yaml:"}},
		{"no such file", func() []string { return []string{"train", "none.yaml"} }, []string{"none.yaml"}},
		{"--set of an unknown field", args("--set", "batch.lane=4"), []string{"--set batch.lane=4", "did you mean batch.lanes?"}},
		{"--set without a value", args("--set", "steps"), []string{"--set steps", "field=value"}},
		{"--set of a wrong type", args("--set", "steps=some"), []string{"--set steps=some", `"some"`, "a whole number"}},
		{"--set of an impossible value", args("--set", "optimizer.lr=-1"), []string{"optimizer.lr", "-1", "above 0"}},
		{"more workers than lanes", args("--workers", "9"), []string{"--workers 9", "8 lanes"}},
		{"no workers", args("--workers", "0"), []string{"--workers 0", "at least 1"}},
		{"too many threads", args("--threads", "1000000"), []string{"--threads 1000000", "from 1 to 1024"}},
		{"no passes", args("--passes", "0"), []string{"--passes 0", "at least 1"}},
		{"unknown ring", args("--ring", "token"), []string{"--ring", `"token"`, "unix and tcp"}},
		{"unknown log level", args("--log-level", "loud"), []string{"--log-level", `"loud"`, "debug, info, warn and error"}},
	} {
		l.WantError(c.name, l.Run(c.args()...), 2, c.wants...)
	}
	l.wantRun("run", before)
}

// TestBadCommandLine gives command lines that cannot be: exit status 2 and
// where help is.
func TestBadCommandLine(t *testing.T) {
	t.Parallel()
	l := NewLab(t)
	smallRun(l)
	for _, c := range []struct {
		args  []string
		wants []string
	}{
		{[]string{"trian"}, []string{`"trian"`, "did you mean train?"}},
		{[]string{"xyzzy"}, []string{`"xyzzy"`, "rondo --help"}},
		{[]string{"shard", "txt"}, []string{`"txt"`, "did you mean tar or text?"}},
		{[]string{"train"}, []string{"one run file", "rondo train --help"}},
		{[]string{"train", "run.yaml", "run.yaml"}, []string{"one run file", "2 arguments"}},
		{[]string{"train", "run.yaml", "--wrokers", "2"}, []string{"--wrokers", "rondo train --help"}},
		{[]string{"train", "run.yaml", "--workers", "two"}, []string{"two", "--workers"}},
		{[]string{"worker", "run.yaml"}, []string{"tls-ca", "tls-cert", "tls-key", "rondo worker --help"}},
		{[]string{"worker", "run.yaml", "--join", "localhost:1"}, []string{"--token-file", "rondo token create", "rondo worker --help"}},
		{[]string{"worker", "run.yaml", "--join", "localhost:1,elsewhere", "--token-file", "t"}, []string{"--join", `"elsewhere" is no HOST:PORT`}},
		{[]string{"worker", "run.yaml", "--token-file", "t"}, []string{"--join HOST:PORT", "rondo worker --help"}},
		{[]string{"worker", "run.yaml", "--join", "localhost:1", "--token-file", "t", "--tls-ca", "x"}, []string{"exclude each other"}},
		{[]string{"worker", "run.yaml", "--join", "localhost:1", "--token-file", "t", "--threads", "0"}, []string{"--threads 0"}},
		{[]string{"worker", "run.yaml", "--join", "localhost:1", "--token-file", "none"}, []string{"--token-file", "none"}},
		{[]string{"coordinator", "run.yaml", "--tls-ca", "x"}, []string{"--tls-cert", "go together"}},
		{[]string{"coordinator", "run.yaml", "--tls-ca", "x", "--token-file", "t"}, []string{"--token-file", "rondo coordinator --help"}},
		{[]string{"coordinator", "run.yaml", "--cert-ttl", "1s"}, []string{"--cert-ttl 1s"}},
		{[]string{"coordinator", "run.yaml", "--etcd", "localhost:1"}, []string{"--etcd-ca"}},
		{[]string{"token", "create", "--role", "king"}, []string{"king", "worker or operator"}},
		{[]string{"token", "create", "--ttl", "-1s"}, []string{"--ttl -1s"}},
		{[]string{"status", "--token-file", "t"}, []string{"--coordinator", "rondo status --help"}},
		{[]string{"token", "revoke"}, []string{"one token's ID"}},
		{[]string{"stop", "--coordinator", "localhost:1"}, []string{"coordinator", "tls-ca", "rondo stop --help"}},
		{[]string{"checkpoint", "--tls-ca", "x"}, []string{"coordinator", "rondo checkpoint --help"}},
		{[]string{"stop", "--coordinator", "localhost:1", "--token-file", "none"}, []string{"--token-file", "none"}},
		{[]string{"stop", "--at", "soon"}, []string{"--at", "soon", "+100"}},
		{[]string{"lr"}, []string{"one learning rate", "--clear", "rondo lr --help"}},
		{[]string{"lr", "NaN"}, []string{"NaN", "finite number above 0"}},
		{[]string{"lr", "-1e-4"}, []string{"rondo lr --help"}},
		{[]string{"lr", "1e999"}, []string{"1e999", "finite number above 0"}},
		{[]string{"lr", "1e39"}, []string{"1e39", "float32"}},
		{[]string{"lr", "1e-46"}, []string{"1e-46", "float32"}},
		{[]string{"lr", "1e-4", "--clear"}, []string{"--clear takes no learning rate"}},
		{[]string{"shard", "text", "text.txt"}, []string{"out", "rondo shard text --help"}},
		{[]string{"shard", "text", "--out", "x"}, []string{"one or more paths"}},
		{[]string{"eval", "run"}, []string{"--data"}},
		{[]string{"digest"}, []string{"one directory"}},
		{[]string{"digest", "hdfs://b/x"}, []string{"hdfs://b/x", "a path of this machine"}},
		{[]string{"verify", "hdfs://b/x"}, []string{"hdfs://b/x"}},
		{[]string{"sample", "hdfs://b/x"}, []string{"hdfs://b/x"}},
		{[]string{"eval", "run", "--data", "hdfs://b/x"}, []string{"--data", "hdfs://b/x"}},
		{[]string{"shard", "text", "--out", "gopher://b/x", "text.txt"}, []string{"--out", "gopher://b/x"}},
		{[]string{"shard", "text", "--out", "x", "s3://b/x"}, []string{"the path", "s3://b/x"}},
		{[]string{"coordinator", "run.yaml", "--record-dir", "s3://b/x", "--tls-ca", "none.pem", "--tls-cert", "none.pem", "--tls-key", "none.pem"},
			[]string{"--record-dir", "s3://b/x"}},
		{[]string{"worker", "run.yaml", "--name", "w", "--coordinator", "localhost:1", "--ring-listen", "localhost:0",
			"--tls-ca", "none.pem", "--tls-cert", "none.pem", "--tls-key", "none.pem"}, []string{"none.pem"}},
	} {
		l.WantError(strings.Join(c.args, " "), l.Run(c.args...), 2, c.wants...)
	}
}

// TestBadTier names kernels that there are not, and some that no processor has together: nothing is said to be in use.
func TestBadTier(t *testing.T) {
	t.Parallel()
	l := NewLab(t)
	smallRun(l)
	missing := "neon"
	if runtime.GOARCH == "arm64" {
		missing = "avx2"
	}
	for _, words := range []string{"train run.yaml", "version", "digest run", "bench --quick", "worker run.yaml --tls-ca x --tls-cert x --tls-key x"} {
		for tier, want := range map[string]string{"bogus": "not one of avx512, avx2, neon, go, go-fast", missing: "does not have it; it has go"} {
			r := l.StartEnv([]string{"RONDO_TIER=" + tier}, strings.Fields(words)...).Wait()
			l.WantError(words+" with "+tier, r, 2, "RONDO_TIER", tier, want)
			if strings.Contains(r.Stdout+r.Stderr, "using") {
				t.Errorf("%s with %s says that something is in use:\n%s%s", words, tier, r.Stdout, r.Stderr)
			}
		}
	}
}

// finishedRun trains run.yaml to its end, in run, and returns its digest.
func (l *Lab) finishedRun() string {
	l.t.Helper()
	if r := l.train("run"); r.Code != 0 {
		l.t.Fatalf("exit status %d\n%s", r.Code, r.Stderr)
	}
	return l.Digest("run")
}

// wantRun checks that a run's directory is whole and has the digest.
func (l *Lab) wantRun(dir, digest string) {
	l.t.Helper()
	l.Must("verify", dir)
	if got := l.Digest(dir); got != digest {
		l.t.Errorf("%s has digest %s, had %s", dir, got, digest)
	}
}

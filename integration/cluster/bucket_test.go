package cluster

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rondo-ml/rondo/integration/cluster/lab"
)

// The S3 is beside the cluster, at the address of its first node.
const (
	storeAddress = "10.99.0.1:9000"
	bucket       = "models"
)

// largeRun has 29 million weights, so a checkpoint of it has 350 MB: weights, and two moments of each.
const largeRun = `name: large
seed: 1
model: {kind: scheme, layers: "fc 5000 → relu → fc 5000 → relu → fc"}
data: {train: "generated:train?count=6000"}
batch: {global: 32, lanes: 8}
optimizer: {kind: adam, lr: 1e-4}
schedule: {kind: constant}
steps: 160
checkpoint: {dir: "s3://models/runs/large", every: 100, keep: 2}
`

// stored gives workers the memory that the run takes, and the store's address and credentials.
const stored = `patches:
  - target: {kind: Deployment, name: rondo-worker}
    patch: |-
      - {op: replace, path: /spec/template/spec/containers/0/resources, value: {requests: {cpu: 250m, memory: 2500Mi}, limits: {memory: 2500Mi}}}
      - {op: add, path: /spec/template/spec/containers/0/envFrom, value: [{secretRef: {name: store}}]}
`

// TestBucket has checkpoints of 350 MB in an S3, measures what one costs, and has both workers killed: the run goes on from
// the bucket, and ends with the digest of `rondo train`.
func TestBucket(t *testing.T) {
	if !*full {
		t.Skip("not in the short form: -args -full")
	}
	ctx, c := start(t)
	bins, err := set()
	if err != nil {
		t.Fatal(err)
	}
	if !bins.Has("s3") {
		t.Skip("an S3 was not built: make cluster builds it")
	}
	if err := c.Serve(ctx, "s3", "http://"+storeAddress+"/"+bucket, bins.Path("s3"), storeAddress, bucket); err != nil {
		t.Fatal(err)
	}
	r := &training{t: t, ctx: ctx, c: c, ns: "bucket"}
	r.kubectl("create", "namespace", r.ns)
	args := []string{"create", "secret", "generic", "store"}
	for _, v := range storeEnvironment {
		args = append(args, "--from-literal="+v)
	}
	r.kubectl(args...)
	o := r.overlay("dev", largeRun, stored)

	r.begin(o)
	r.strength(2)
	r.measuresCheckpoint()
	r.logMemory("after a checkpoint")
	s := r.losesAll()
	r.logMemory("after a checkpoint was loaded")
	for s.Phase != "finished" {
		after := s.Step
		s, _ = r.wait("step after that, or end", func(s status) bool { return s.Step > after || s.Phase == "finished" })
	}
	verify := exec.CommandContext(ctx, filepath.Join(c.Dir, "rondo"), "verify", "s3://models/runs/large")
	verify.Env = append(os.Environ(), storeEnvironment...)
	if out, err := verify.CombinedOutput(); err != nil || !strings.Contains(string(out), newest(s).Digest) {
		t.Errorf("rondo verify: %v\n%s", err, out)
	}
	r.wantDigest(o.runFile, newest(s))
	r.kubectl("delete", "namespace", r.ns, "--wait=false")
}

var storeEnvironment = []string{"AWS_ENDPOINT_URL_S3=http://" + storeAddress, "AWS_ACCESS_KEY_ID=lab", "AWS_SECRET_ACCESS_KEY=lab"}

// measuresCheckpoint compares the time of 90 steps in which a checkpoint is written with that of steps in which none is.
func (r *training) measuresCheckpoint() {
	r.t.Helper()
	first, _ := r.step(9)
	begun := time.Now()
	calm := r.reach(first.Step + 50)
	each := time.Since(begun).Seconds() / float64(calm.Step-first.Step)
	r.reach(99) // the checkpoint comes after step 100
	s, _ := r.step(99)
	begun = time.Now()
	at := s.Step
	s, committed := r.wait("checkpoint", func(s status) bool { return newest(s).Step == 100 })
	s = r.reach(max(s.Step, at+50) + 1)
	lost := time.Since(begun).Seconds() - float64(s.Step-at)*each
	r.t.Logf("a checkpoint of 350 MB to S3: committed after %.1f s; steps of %.3f s, and %d steps with it took %.1f s more; that is 1 %% of the time where one comes every %.0f s",
		committed.Seconds(), each, s.Step-at, lost, 100*max(lost, 0))
}

// reach waits for a step, one after the other: only a step has a bound on its time.
func (r *training) reach(step uint64) status {
	r.t.Helper()
	s, _ := r.step(0)
	for s.Step < step {
		s, _ = r.step(s.Step)
	}
	return s
}

// losesAll kills the processes of both workers at once, and returns the status after the first step that follows.
func (r *training) losesAll() status {
	r.t.Helper()
	before, _ := r.strength(2)
	for _, pod := range r.waitPods("worker", "two workers", ready(2)) {
		processes, err := lab.Processes(pod)
		if err != nil {
			r.t.Fatal(err)
		}
		for _, p := range processes {
			if strings.Contains(p.Command, " worker ") {
				if err := syscall.Kill(p.PID, syscall.SIGKILL); err != nil {
					r.t.Fatal(err)
				}
			}
		}
	}
	begun := time.Now()
	s, _ := r.wait("ring from the bucket", func(s status) bool { return s.Generation > before.Generation && s.training() == 2 })
	s, _ = r.step(s.Step)
	r.t.Logf("kill -9 of both workers at step %d: at step %d after %.1f s, from the checkpoint in the bucket", before.Step, s.Step, time.Since(begun).Seconds())
	return s
}

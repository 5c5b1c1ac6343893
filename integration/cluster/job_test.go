package cluster

import (
	"testing"
	"time"
)

// jobRun ends by itself, late enough for a worker to be lost and to come again before.
const jobRun = `name: job
seed: 1
model: {kind: lenet5}
data: {train: "generated:train?count=6000"}
batch: {global: 32, lanes: 8}
optimizer: {kind: sgd, lr: 0.02, momentum: 0.9}
steps: 12000
checkpoint: {dir: /runs/job, every: 2000, keep: 3}
`

// TestJob has the workers as a Job, which is over when the run is. A worker that is deleted is no failure of it.
func TestJob(t *testing.T) {
	if !*full {
		t.Skip("not in the short form: -args -full")
	}
	ctx, c := start(t)
	r := &training{t: t, ctx: ctx, c: c, ns: "job"}
	o := r.overlay("dev", jobRun, with("job"))
	r.begin(o)
	before, _ := r.strength(2)
	r.kubectl("delete", "pod", "--wait=false", r.one("worker").Metadata.Name)
	r.afterBlow("kubectl delete pod of a Job", before, 2, ofJob)
	r.endsAsJob(o, "rondo-worker")
	r.kubectl("delete", "namespace", r.ns, "--wait=false")
}

// endsAsJob waits for the end of the run and of its Job.
func (r *training) endsAsJob(o overlay, job string) {
	r.t.Helper()
	s, _ := r.wait("end of the run", func(s status) bool { return s.Phase == "finished" })
	begun := time.Now()
	r.kubectl("wait", "--for=condition=Complete", "job/"+job, "--timeout=1m")
	var got struct {
		Status struct{ Succeeded, Failed, Active int }
	}
	if err := r.c.Get(r.ctx, "/apis/batch/v1/namespaces/"+r.ns+"/jobs/"+job, &got); err != nil {
		r.t.Fatal(err)
	}
	if j := got.Status; j.Succeeded != 2 || j.Failed != 0 || j.Active != 0 {
		r.t.Errorf("of Job %s %d pods have succeeded, %d failed, %d are active; want 2, 0, 0", job, j.Succeeded, j.Failed, j.Active)
	}
	r.t.Logf("Job %s is complete %.1f s after the run", job, time.Since(begun).Seconds())
	r.wantNoRestarts()
	r.wantDigest(o.runFile, newest(s))
}

package cluster

import "testing"

// TestJobSet has the workers as a JobSet, which its controller makes a Job of. A worker that is lost costs the JobSet no
// restart, and it is over when the run is.
func TestJobSet(t *testing.T) {
	if !*full {
		t.Skip("not in the short form: -args -full")
	}
	ctx, c := start(t)
	r := &training{t: t, ctx: ctx, c: c, ns: "jobset"}
	r.deploy(jobsetController)
	o := r.overlay("dev", jobRun, with("jobset"))
	r.begin(o)
	before, _ := r.strength(2)
	r.kubectl("delete", "pod", "--wait=false", r.one("worker").Metadata.Name)
	r.afterBlow("kubectl delete pod of a JobSet", before, 2, ofJob)
	r.endsAsJob(o, "rondo-worker-worker-0")
	r.endsAsJobSet("rondo-worker")
	r.kubectl("delete", "namespace", r.ns)
}

// endsAsJobSet waits for the end of a JobSet, which nothing has started again.
func (r *training) endsAsJobSet(name string) {
	r.t.Helper()
	r.kubectl("wait", "--for=condition=Completed", "jobset/"+name, "--timeout=1m")
	var got struct {
		Status struct {
			Restarts      int
			TerminalState string
		}
	}
	if err := r.c.Get(r.ctx, "/apis/jobset.x-k8s.io/v1alpha2/namespaces/"+r.ns+"/jobsets/"+name, &got); err != nil {
		r.t.Fatal(err)
	}
	if got.Status.Restarts != 0 || got.Status.TerminalState != "Completed" {
		r.t.Errorf("the JobSet is %q after %d restarts", got.Status.TerminalState, got.Status.Restarts)
	}
}

const trainJob = `
apiVersion: trainer.kubeflow.org/v1alpha1
kind: TrainJob
metadata: {name: lenet5}
spec: {runtimeRef: {name: rondo, kind: TrainingRuntime, apiGroup: trainer.kubeflow.org}, trainer: {numNodes: 2}}
`

// TestTrainJob has the workers as a TrainJob, of which Kubeflow's Trainer makes a JobSet by our runtime.
func TestTrainJob(t *testing.T) {
	if !*full {
		t.Skip("not in the short form: -args -full")
	}
	ctx, c := start(t)
	r := &training{t: t, ctx: ctx, c: c, ns: "trainjob"}
	r.deploy(jobsetController, trainerController)
	o := r.overlay("dev", jobRun, with("trainjob-runtime"))
	r.apply(o)
	if _, err := c.KubectlWith(ctx, trainJob, "-n", r.ns, "apply", "-f", "-"); err != nil {
		t.Fatal(err)
	}
	before, _ := r.strength(2)
	r.kubectl("delete", "pod", "--wait=false", r.one("worker").Metadata.Name)
	r.afterBlow("kubectl delete pod of a TrainJob", before, 2, ofJob)
	r.endsAsJob(o, "lenet5-node-0")
	r.endsAsJobSet("lenet5")
	r.kubectl("wait", "--for=condition=Complete", "trainjob/lenet5", "--timeout=1m")
	r.kubectl("delete", "trainjob", "lenet5", "--timeout=1m")
	r.kubectl("delete", "namespace", r.ns)
}

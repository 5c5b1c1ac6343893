package check

import (
	"slices"
	"testing"

	batch "k8s.io/api/batch/v1"
	core "k8s.io/api/core/v1"
	jobset "sigs.k8s.io/jobset/api/jobset/v1alpha2"
	kueue "sigs.k8s.io/kueue/apis/kueue/v1beta2"
)

// jobsOf are the Jobs of an overlay, by what makes them.
func jobsOf(objects []object) map[string]batch.JobSpec {
	jobs := map[string]batch.JobSpec{}
	for _, o := range objects {
		switch typed := o.typed.(type) {
		case *batch.Job:
			jobs[o.kind] = typed.Spec
		case *jobset.JobSet:
			for _, j := range typed.Spec.ReplicatedJobs {
				jobs[o.kind] = j.Template.Spec
			}
		case *trainingRuntime:
			for _, j := range typed.Spec.Template.Spec.ReplicatedJobs {
				jobs[o.kind] = j.Template.Spec
			}
		}
	}
	return jobs
}

// A pod of a Job that is evicted, or asked to leave, counts as no failure, and another takes its place; a worker that has
// failed is not started again in its pod, where the Job would not see it.
func TestJobs(t *testing.T) {
	for _, v := range []variant{{"prod", []string{"job"}}, {"dev", []string{"job"}}, {"prod", []string{"jobset"}}, {"prod", []string{"trainjob-runtime"}}} {
		jobs := jobsOf(build(t, v))
		if len(jobs) != 1 {
			t.Fatalf("%v: %d Jobs", v, len(jobs))
		}
		for kind, j := range jobs {
			if kind != "TrainingRuntime" && (j.CompletionMode == nil || *j.CompletionMode != batch.IndexedCompletion || *j.Parallelism != *j.Completions) { // Trainer sets them
				t.Errorf("%v: completions %+v", v, j)
			}
			if p := j.Template.Spec.RestartPolicy; p != core.RestartPolicyNever {
				t.Errorf("%v: restartPolicy %s", v, p)
			}
			evicted, left := false, false
			if j.PodFailurePolicy != nil {
				for _, r := range j.PodFailurePolicy.Rules {
					if r.Action != batch.PodFailurePolicyActionIgnore {
						t.Errorf("%v: the action of %+v", v, r)
					}
					evicted = evicted || slices.ContainsFunc(r.OnPodConditions, func(c batch.PodFailurePolicyOnPodConditionsPattern) bool { return c.Type == core.DisruptionTarget })
					left = left || leavesWith143(r.OnExitCodes, j.Template.Spec.Containers[0].Name)
				}
			}
			if !evicted || !left {
				t.Errorf("%v: a pod that is evicted is no failure: %v; one that was asked to leave: %v", v, evicted, left)
			}
		}
	}
}

// Trainer takes two ports of a container that have one number for one, and makes a JobSet that the API server refuses. What is
// not named by the container is open by its number all the same.
func TestTrainerPorts(t *testing.T) {
	for _, overlay := range []string{"dev", "prod", "spot"} {
		objects := build(t, variant{overlay, []string{"trainjob-runtime"}})
		gossip := core.ContainerPort{Name: "gossip-udp", ContainerPort: 7946, Protocol: core.ProtocolUDP}
		for _, p := range podsOf(objects) {
			if p.component() != "worker" {
				continue
			}
			numbers := map[int32]bool{}
			for _, port := range p.Spec.Containers[0].Ports {
				if numbers[port.ContainerPort] {
					t.Errorf("%s: %s has two ports of number %d", overlay, p.owner, port.ContainerPort)
				}
				numbers[port.ContainerPort] = true
			}
			if from, anybody := whoMay(t, objects, p, gossip); anybody || !slices.Equal(from, lets[gossip.Name]) {
				t.Errorf("%s: gossip by UDP is open to everybody: %v, to %v", overlay, anybody, from)
			}
		}
	}
}

func leavesWith143(codes *batch.PodFailurePolicyOnExitCodesRequirement, container string) bool {
	return codes != nil && codes.Operator == batch.PodFailurePolicyOnExitCodesOpIn && slices.Equal(codes.Values, []int32{143}) &&
		(codes.ContainerName == nil || *codes.ContainerName == container)
}

// A Job in a queue waits for it, and the queue has of all that its pods ask for.
func TestQueue(t *testing.T) {
	for _, engine := range []string{"job", "jobset"} {
		objects := build(t, variant{"prod", []string{engine, "kueue"}})
		local, cluster, flavors := all[kueue.LocalQueue](objects), all[kueue.ClusterQueue](objects), all[kueue.ResourceFlavor](objects)
		if len(local) != 1 || len(cluster) != 1 || len(flavors) != 1 {
			t.Fatalf("%s: %d queues of the namespace, %d of the cluster, %d flavors", engine, len(local), len(cluster), len(flavors))
		}
		queued, suspended := "", false
		for _, o := range objects {
			switch typed := o.typed.(type) {
			case *batch.Job:
				queued, suspended = typed.Labels["kueue.x-k8s.io/queue-name"], typed.Spec.Suspend != nil && *typed.Spec.Suspend
			case *jobset.JobSet:
				queued, suspended = typed.Labels["kueue.x-k8s.io/queue-name"], typed.Spec.Suspend != nil && *typed.Spec.Suspend
			}
		}
		c := cluster[0].Spec
		if queued != local[0].Name || !suspended || string(local[0].Spec.ClusterQueue) != cluster[0].Name || !selects(t, c.NamespaceSelector, map[string]string{core.LabelMetadataName: "rondo"}) {
			t.Errorf("%s: in queue %q, suspended %v, of %+v in %+v", engine, queued, suspended, local[0].Spec, c)
		}
		for _, g := range c.ResourceGroups {
			for _, f := range g.Flavors {
				if string(f.Name) != flavors[0].Name {
					t.Errorf("%s: there is no flavor %s", engine, f.Name)
				}
			}
			for _, j := range jobsOf(objects) {
				for asked := range j.Template.Spec.Containers[0].Resources.Requests {
					if !slices.Contains(g.CoveredResources, asked) {
						t.Errorf("%s: its pods ask for %s, of which the queue has none", engine, asked)
					}
				}
			}
		}
	}
}

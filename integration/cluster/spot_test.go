package cluster

import (
	"testing"
	"time"

	"github.com/rondo-ml/rondo/integration/cluster/lab"
)

const spotLabel = "cloud.google.com/gke-spot"

// TestSpot trains by the overlay for nodes that may be taken away: workers are on such a node and nothing else is, and when
// it loses its power all of them at once, workers take the run up elsewhere from its newest checkpoint.
func TestSpot(t *testing.T) {
	if !*full {
		t.Skip("not in the short form: -args -full")
	}
	ctx, c := start(t)
	r := &training{t: t, ctx: ctx, c: c, ns: "spot"}
	r.secondNode()
	stays, goes := c.Nodes[0], c.Nodes[1]
	r.kubectl("label", "node", goes.Name, spotLabel+"=true")
	r.kubectl("taint", "node", goes.Name, spotLabel+"=true:NoSchedule")
	r.prepare()
	o := r.overlay("spot", poolRun, smaller)

	r.begin(o)
	r.strength(2)
	r.waitPods("etcd", "three members of etcd", ready(3))
	for component, node := range map[string]string{"etcd": stays.Name, "coordinator": stays.Name, "worker": goes.Name} {
		for name, p := range r.waitPods(component, "pods", func(all map[string]lab.Pod) bool { return len(all) > 1 }) {
			if p.Spec.NodeName != node {
				t.Errorf("%s is on %s, and %s is for it", name, p.Spec.NodeName, node)
			}
		}
	}
	r.losesNode(goes)

	s, _ := r.strength(2)
	rate := r.rate()
	o.change("steps: 1000000", steps(s.Step, rate))
	r.apply(o)
	s, _ = r.wait("end of the run", func(s status) bool { return s.Phase == "finished" })
	r.wantNoRestarts()
	r.wantDigest(o.runFile, newest(s))
	r.kubectl("delete", "namespace", r.ns, "--wait=false")
	r.kubectl("taint", "node", goes.Name, spotLabel+"-")
	r.kubectl("label", "node", goes.Name, spotLabel+"-")
}

// losesNode takes the power of the node of all workers away, and gives it back when others do their work.
func (r *training) losesNode(n *lab.Node) {
	r.t.Helper()
	before, _ := r.wait("checkpoint", func(s status) bool { return len(s.Checkpoints) > 0 && s.training() == 2 })
	if err := n.Fail(); err != nil {
		r.t.Fatal(err)
	}
	begun := time.Now()
	s, _ := r.wait("ring of other workers", func(s status) bool { return s.Generation > before.Generation && s.training() == 2 })
	s, _ = r.step(s.Step)
	r.t.Logf("the node of both workers lost its power at step %d: two others train after %.1f s (8 s until it is missed, 10 s until they are given up), at step %d",
		before.Step, time.Since(begun).Seconds(), s.Step)
	if err := n.Boot(r.ctx); err != nil {
		r.t.Fatal(err)
	}
	// A node that comes back ends the pods that were given up.
	r.waitPods("worker", "two workers", ready(2))
}

package check

import (
	"slices"
	"testing"

	apps "k8s.io/api/apps/v1"
	core "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// A pool gives up a worker for its successor, as it has no use for more than lanes; a coordinator with a run file that is
// refused does not take the place of who leads, unless its record is on a volume that one alone can have.
func TestRollouts(t *testing.T) {
	forEach(t, func(t *testing.T, objects []object) {
		for _, d := range all[apps.Deployment](objects) {
			s := d.Spec.Strategy
			surge, unavailable := 0, 1
			switch c := d.Spec.Template.Spec.Containers[0]; {
			case d.Name == "rondo-worker":
			case flagOf(c, "--embed-etcd") != "":
				if s.Type != apps.RecreateDeploymentStrategyType || s.RollingUpdate != nil || d.Spec.Replicas == nil || *d.Spec.Replicas != 1 {
					t.Errorf("%s has the volume of its record to itself: strategy %+v, %v replicas", d.Name, s, d.Spec.Replicas)
				}
				continue
			default:
				surge, unavailable = 1, 0
				if d.Spec.Replicas == nil || *d.Spec.Replicas != 2 {
					t.Errorf("%s has %v replicas, want one that leads and one that stands by", d.Name, d.Spec.Replicas)
				}
			}
			if r := s.RollingUpdate; r == nil || *r.MaxSurge != intstr.FromInt32(int32(surge)) || *r.MaxUnavailable != intstr.FromInt32(int32(unavailable)) {
				t.Errorf("%s: strategy %+v, want %d more at a time and %d fewer", d.Name, s, surge, unavailable)
			}
		}
		for _, s := range all[apps.StatefulSet](objects) {
			if *s.Spec.Replicas != 3 || s.Spec.PodManagementPolicy != apps.ParallelPodManagement {
				t.Errorf("%s: %d members, begun %s; none is ready alone", s.Name, *s.Spec.Replicas, s.Spec.PodManagementPolicy)
			}
		}
	})
}

// flagOf is what a container gives to a flag; "": nothing.
func flagOf(c core.Container, name string) string {
	text, _ := value(c, name)
	return text
}

// On nodes that may be taken away are workers alone, which are given up after ten seconds.
func TestSpot(t *testing.T) {
	for _, v := range []variant{{"spot", nil}, {"dev", []string{"spot"}}, {"prod", []string{"spot", "job"}}, {"prod", []string{"spot", "jobset"}}} {
		for _, p := range podsOf(build(t, v)) {
			away := map[string]int64{} // seconds until a node that does not answer is given up
			for _, o := range p.Spec.Tolerations {
				if o.Effect == core.TaintEffectNoExecute && o.TolerationSeconds != nil {
					away[o.Key] = *o.TolerationSeconds
				}
			}
			worker := p.component() == "worker"
			for _, key := range []string{core.TaintNodeNotReady, core.TaintNodeUnreachable} {
				if seconds, ok := away[key]; ok != worker || worker && seconds != 10 {
					t.Errorf("%v, %s: %s is borne for %d s (said: %v)", v, p.owner, key, seconds, ok)
				}
			}
			for _, c := range p.Spec.TopologySpreadConstraints {
				// The scheduler weighs spreading by one as it weighs the wish for such a node, and would take an empty node of the others.
				if worker && c.MaxSkew < 10 {
					t.Errorf("%v, %s: spreading by %d weighs more than the wish for a node that may be taken away", v, p.owner, c.MaxSkew)
				}
			}
			if kept := keptOffSpot(p); kept == worker {
				t.Errorf("%v, %s: kept off nodes that may be taken away: %v", v, p.owner, kept)
			}
		}
	}
}

// keptOffSpot says whether pods must not be on a node of any cloud that may be taken away.
func keptOffSpot(p pods) bool {
	if p.Spec.Affinity == nil || p.Spec.Affinity.NodeAffinity == nil {
		return false
	}
	must := p.Spec.Affinity.NodeAffinity.RequiredDuringSchedulingIgnoredDuringExecution
	if must == nil || len(must.NodeSelectorTerms) != 1 { // of several terms one is enough
		return false
	}
	for _, key := range []string{"cloud.google.com/gke-spot", "eks.amazonaws.com/capacityType", "kubernetes.azure.com/scalesetpriority", "karpenter.sh/capacity-type"} {
		if !slices.ContainsFunc(must.NodeSelectorTerms[0].MatchExpressions, func(r core.NodeSelectorRequirement) bool {
			return r.Key == key && r.Operator == core.NodeSelectorOpNotIn && len(r.Values) == 1
		}) {
			return false
		}
	}
	return true
}

// told is what pods tell of themselves, by component.
var told = map[string][]string{
	"coordinator": {"--name=$(POD_NAME)", "--advertise=[$(POD_IP)]:8781", "--gossip-advertise=[$(POD_IP)]:7946"},
	"worker":      {"--name=$(POD_NAME)", "--ring-advertise=[$(POD_IP)]:9001", "--gossip-advertise=[$(POD_IP)]:7946"},
}

// A pod tells its own name and address, and the ring's traffic stays in a zone where it can.
func TestPlaces(t *testing.T) {
	forPods(t, func(t *testing.T, p pods) {
		c := p.Spec.Containers[0]
		for _, arg := range told[p.component()] {
			if !slices.Contains(c.Args, arg) {
				t.Errorf("container %s has no %s: %q", c.Name, arg, c.Args)
			}
		}
		if p.component() == "etcd" {
			return
		}
		if len(c.Command) > 0 {
			t.Errorf("container %s is begun by %q, not by the image's program: a shell would not hand on SIGTERM", c.Name, c.Command)
		}
		if name, ip := fieldOf(c, "POD_NAME"), fieldOf(c, "POD_IP"); name != "metadata.name" || ip != "status.podIP" {
			t.Errorf("container %s: POD_NAME is from %q, POD_IP from %q", c.Name, name, ip)
		}
		if p.component() != "worker" {
			return
		}
		if a := p.Spec.Affinity; a == nil || a.PodAffinity == nil || !slices.ContainsFunc(a.PodAffinity.PreferredDuringSchedulingIgnoredDuringExecution,
			func(w core.WeightedPodAffinityTerm) bool {
				return w.PodAffinityTerm.TopologyKey == core.LabelTopologyZone && selects(t, w.PodAffinityTerm.LabelSelector, p.Labels)
			}) {
			t.Errorf("workers do not prefer one zone: %+v", a)
		}
	})
}

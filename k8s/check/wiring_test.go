package check

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	apps "k8s.io/api/apps/v1"
	core "k8s.io/api/core/v1"
	networking "k8s.io/api/networking/v1"
	policy "k8s.io/api/policy/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
)

func selects(t *testing.T, s *meta.LabelSelector, of map[string]string) bool {
	t.Helper()
	selector, err := meta.LabelSelectorAsSelector(s)
	if err != nil {
		t.Fatal(err)
	}
	return selector.Matches(labels.Set(of))
}

// The namespace asks for what its pods keep to.
func TestNamespace(t *testing.T) {
	forEach(t, func(t *testing.T, objects []object) {
		spaces := all[core.Namespace](objects)
		if len(spaces) != 1 || spaces[0].Labels["pod-security.kubernetes.io/enforce"] != "restricted" {
			t.Errorf("namespaces %+v", spaces)
		}
		for _, o := range objects {
			if o.meta.Labels["app.kubernetes.io/part-of"] != "rondo" &&
				slices.Contains([]string{"Deployment", "StatefulSet", "Service", "NetworkPolicy", "PodDisruptionBudget"}, o.kind) {
				t.Errorf("%s %s is not labelled as a part of rondo", o.kind, o.name)
			}
		}
	})
}

// Owners select their own pods and no others'.
func TestSelectors(t *testing.T) {
	forEach(t, func(t *testing.T, objects []object) {
		templates := podsOf(objects)
		for _, p := range templates {
			for _, other := range templates {
				if p.selector != nil && selects(t, p.selector, other.Labels) != (p.owner == other.owner) {
					t.Errorf("%s and the pods of %s", p.owner, other.owner)
				}
			}
		}
	})
}

// The pool's size is the overlay's and the scaler's: the base has none.
func TestPoolHasNoSize(t *testing.T) {
	text, err := os.ReadFile("../base/worker.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if regexp.MustCompile(`(?m)^\s*replicas:`).Match(text) {
		t.Error("base/worker.yaml has replicas")
	}
}

// Services lead to pods that are there, by ports that they have. Where pods find each other they are listed before they are ready.
func TestServices(t *testing.T) {
	forEach(t, func(t *testing.T, objects []object) {
		for _, s := range all[core.Service](objects) {
			found := 0
			for _, p := range podsOf(objects) {
				if !labels.SelectorFromSet(s.Spec.Selector).Matches(labels.Set(p.Labels)) {
					continue
				}
				found++
				for _, port := range s.Spec.Ports {
					if at := portOf(p, port.TargetPort.StrVal); at == nil || protocol(at.Protocol) != protocol(port.Protocol) {
						t.Errorf("Service %s, port %s: %s has no port %s of this protocol", s.Name, port.Name, p.owner, port.TargetPort.String())
					}
				}
			}
			if found != 1 {
				t.Errorf("Service %s selects %d kinds of pods", s.Name, found)
			}
			if headless := s.Spec.ClusterIP == core.ClusterIPNone; headless != s.Spec.PublishNotReadyAddresses {
				t.Errorf("Service %s: headless %v, publishNotReadyAddresses %v", s.Name, headless, s.Spec.PublishNotReadyAddresses)
			}
		}
		for _, s := range all[apps.StatefulSet](objects) {
			if !slices.ContainsFunc(all[core.Service](objects), func(of *core.Service) bool { return of.Name == s.Spec.ServiceName }) {
				t.Errorf("StatefulSet %s: there is no Service %s", s.Name, s.Spec.ServiceName)
			}
		}
	})
}

func portOf(p pods, name string) *core.ContainerPort {
	for _, c := range p.Spec.Containers {
		if found := port(c, name); found != nil {
			return found
		}
	}
	return nil
}

// protocol is TCP where none is said.
func protocol(p core.Protocol) core.Protocol {
	if p == "" {
		return core.ProtocolTCP
	}
	return p
}

// Drains take one pod of each kind at a time. Over a Job there is no budget: it would keep nodes from being drained for ever.
func TestDisruption(t *testing.T) {
	forEach(t, func(t *testing.T, objects []object) {
		for _, p := range podsOf(objects) {
			var over []*policy.PodDisruptionBudget
			for _, b := range all[policy.PodDisruptionBudget](objects) {
				if selects(t, b.Spec.Selector, p.Labels) {
					over = append(over, b)
				}
			}
			if p.selector == nil {
				if len(over) != 0 {
					t.Errorf("%s has a disruption budget", p.owner)
				}
				continue
			}
			if len(over) != 1 {
				t.Errorf("%s has %d disruption budgets", p.owner, len(over))
				continue
			}
			s := over[0].Spec
			if s.MaxUnavailable == nil || s.MaxUnavailable.IntVal != 1 || s.MinAvailable != nil || s.UnhealthyPodEvictionPolicy == nil || *s.UnhealthyPodEvictionPolicy != policy.AlwaysAllow {
				t.Errorf("PodDisruptionBudget %s: %+v", over[0].Name, s)
			}
		}
	})
}

// Nobody gets in by a port that no policy opens, every policy selects pods that are there, and etcd is for coordinators alone.
func TestNetworkPolicies(t *testing.T) {
	forEach(t, func(t *testing.T, objects []object) {
		denied := false
		for _, n := range all[networking.NetworkPolicy](objects) {
			if !slices.Equal(n.Spec.PolicyTypes, []networking.PolicyType{networking.PolicyTypeIngress}) {
				t.Errorf("NetworkPolicy %s is about %v", n.Name, n.Spec.PolicyTypes)
			}
			everybody := len(n.Spec.PodSelector.MatchLabels)+len(n.Spec.PodSelector.MatchExpressions) == 0
			denied = denied || everybody && len(n.Spec.Ingress) == 0
			if !slices.ContainsFunc(podsOf(objects), func(p pods) bool { return selects(t, &n.Spec.PodSelector, p.Labels) }) {
				t.Errorf("NetworkPolicy %s selects no pods", n.Name)
			}
		}
		if !denied {
			t.Error("no policy denies what the others do not allow")
		}
		for _, p := range podsOf(objects) {
			for _, c := range p.Spec.Containers {
				for _, port := range c.Ports {
					from, anybody := whoMay(t, objects, p, port)
					want, closed := lets[port.Name]
					if anybody == closed || closed && !slices.Equal(from, want) {
						t.Errorf("%s, port %s: open to everybody: %v, to %v, want %v", p.owner, port.Name, anybody, from, want)
					}
				}
			}
		}
	})
}

// lets are the components that each port is for; one that is not listed is for everybody: kubelet and who scrapes.
var lets = map[string][]string{
	"join": {"coordinator", "worker"}, "gossip": {"coordinator", "worker"}, "gossip-udp": {"coordinator", "worker"}, "ring": {"coordinator", "worker"},
	"client": {"coordinator", "etcd"}, "peer": {"etcd"},
}

// whoMay are the components that policies let in by a port.
func whoMay(t *testing.T, objects []object, p pods, port core.ContainerPort) (from []string, anybody bool) {
	t.Helper()
	for _, n := range all[networking.NetworkPolicy](objects) {
		if !selects(t, &n.Spec.PodSelector, p.Labels) {
			continue
		}
		for _, rule := range n.Spec.Ingress {
			opens := slices.ContainsFunc(rule.Ports, func(of networking.NetworkPolicyPort) bool {
				return of.Port != nil && (of.Port.StrVal == port.Name || of.Port.IntVal == port.ContainerPort) && of.Protocol != nil && *of.Protocol == protocol(port.Protocol)
			})
			if !opens {
				continue
			}
			anybody = anybody || len(rule.From) == 0
			for _, peer := range rule.From {
				if peer.PodSelector == nil || peer.NamespaceSelector != nil || peer.IPBlock != nil {
					t.Errorf("NetworkPolicy %s lets in %+v", n.Name, peer)
					continue
				}
				for _, component := range []string{"coordinator", "worker", "etcd", "stranger"} {
					if selects(t, peer.PodSelector, map[string]string{"app.kubernetes.io/name": "rondo", "app.kubernetes.io/component": component}) {
						from = append(from, component)
					}
				}
			}
		}
	}
	slices.Sort(from)
	return slices.Compact(from), anybody
}

// outside are the objects that a user makes before, as docs/operations.md says, or that another program makes.
var outside = map[string]bool{"rondo-token": true, "rondo-etcd-tls": true, "rondo-operator-token": true}

// What pods mount is there. A run file's name has a hash, so that another one rolls out.
func TestMountedIsThere(t *testing.T) {
	forEach(t, func(t *testing.T, objects []object) {
		made := map[string]bool{}
		for _, o := range objects {
			made[o.kind+" "+o.name] = true
		}
		for _, secret := range certificateSecrets(objects) {
			made["Secret "+secret] = true
		}
		for _, p := range podsOf(objects) {
			for _, v := range p.Spec.Volumes {
				switch {
				case v.ConfigMap != nil:
					if !made["ConfigMap "+v.ConfigMap.Name] || !regexp.MustCompile(`^rondo-run-[a-z0-9]{10}$`).MatchString(v.ConfigMap.Name) {
						t.Errorf("%s mounts ConfigMap %s", p.owner, v.ConfigMap.Name)
					}
				case v.Secret != nil:
					if !made["Secret "+v.Secret.SecretName] && !outside[v.Secret.SecretName] {
						t.Errorf("%s mounts Secret %s, which nobody makes", p.owner, v.Secret.SecretName)
					}
				case v.PersistentVolumeClaim != nil:
					if !made["PersistentVolumeClaim "+v.PersistentVolumeClaim.ClaimName] {
						t.Errorf("%s mounts claim %s, which nobody makes", p.owner, v.PersistentVolumeClaim.ClaimName)
					}
				}
			}
		}
	})
}

// Images have a version, ours that of the source.
func TestImages(t *testing.T) {
	source, err := os.ReadFile("../../coordinator/api/version.go")
	if err != nil {
		t.Fatal(err)
	}
	m := regexp.MustCompile(`(?m)^var release = "(.+)"`).FindSubmatch(source)
	if m == nil {
		t.Fatal("coordinator/api/version.go has no release")
	}
	forPods(t, func(t *testing.T, p pods) {
		for _, c := range p.Spec.Containers {
			name, version, _ := strings.Cut(c.Image[strings.LastIndex(c.Image, "/")+1:], ":")
			if version == "" || version == "latest" {
				t.Errorf("container %s: image %s has no version", c.Name, c.Image)
			}
			if name == "rondo" && version != string(m[1]) {
				t.Errorf("container %s has image %s, and this source is %s: set newTag in k8s/base/kustomization.yaml", c.Name, c.Image, m[1])
			}
		}
	})
}

package check

import (
	"strings"
	"testing"

	core "k8s.io/api/core/v1"
)

// user is who runs.
const user = 65532

// Pods run as Pod Security's "restricted" asks, and have no token of the API server.
func TestConfined(t *testing.T) {
	forPods(t, func(t *testing.T, p pods) {
		s := p.Spec.SecurityContext
		if s == nil || s.RunAsNonRoot == nil || !*s.RunAsNonRoot || s.RunAsUser == nil || *s.RunAsUser != user || s.FSGroup == nil || *s.FSGroup != user ||
			s.SeccompProfile == nil || s.SeccompProfile.Type != core.SeccompProfileTypeRuntimeDefault {
			t.Errorf("the pod's security context %+v", s)
		}
		if p.Spec.AutomountServiceAccountToken == nil || *p.Spec.AutomountServiceAccountToken || p.Spec.ServiceAccountName != "" {
			t.Error("a token of the API server is mounted")
		}
		if p.Spec.HostNetwork || p.Spec.HostPID || p.Spec.HostIPC {
			t.Error("the pod is in a namespace of its host")
		}
		for _, c := range containers(p) {
			s := c.SecurityContext
			if s == nil || s.AllowPrivilegeEscalation == nil || *s.AllowPrivilegeEscalation || s.ReadOnlyRootFilesystem == nil || !*s.ReadOnlyRootFilesystem ||
				s.Capabilities == nil || len(s.Capabilities.Drop) != 1 || s.Capabilities.Drop[0] != "ALL" || len(s.Capabilities.Add) != 0 {
				t.Errorf("container %s: security context %+v", c.Name, s)
			}
		}
	})
}

func containers(p pods) []core.Container {
	return append(append([]core.Container(nil), p.Spec.InitContainers...), p.Spec.Containers...)
}

// Every container says how it starts, lives and is ready, by a port that it has.
func TestProbes(t *testing.T) {
	forPods(t, func(t *testing.T, p pods) {
		for _, c := range p.Spec.Containers {
			for what, probe := range map[string]*core.Probe{"startup": c.StartupProbe, "liveness": c.LivenessProbe, "readiness": c.ReadinessProbe} {
				if probe == nil || probe.HTTPGet == nil {
					t.Errorf("container %s has no %s probe by HTTP", c.Name, what)
					continue
				}
				if port(c, probe.HTTPGet.Port.StrVal) == nil {
					t.Errorf("container %s: the %s probe's port %s is none of its ports", c.Name, what, probe.HTTPGet.Port.String())
				}
				ready := strings.HasPrefix(probe.HTTPGet.Path, "/ready")
				if ready != (what == "readiness") {
					t.Errorf("container %s: the %s probe asks %s", c.Name, what, probe.HTTPGet.Path)
				}
			}
			if s := c.StartupProbe; s != nil && s.PeriodSeconds*s.FailureThreshold < 300 {
				t.Errorf("container %s has %d s to start, want 300 at least", c.Name, s.PeriodSeconds*s.FailureThreshold)
			}
			if l := c.LivenessProbe; l != nil && l.PeriodSeconds*l.FailureThreshold < 60 {
				t.Errorf("container %s is taken for dead after %d s, want 60 at least", c.Name, l.PeriodSeconds*l.FailureThreshold)
			}
		}
	})
}

// port is a container's port by its name.
func port(c core.Container, name string) *core.ContainerPort {
	for i := range c.Ports {
		if c.Ports[i].Name == name {
			return &c.Ports[i]
		}
	}
	return nil
}

// There is time to leave in order; a coordinator waits until Services have forgotten it, a worker does not.
func TestTermination(t *testing.T) {
	forPods(t, func(t *testing.T, p pods) {
		if g := p.Spec.TerminationGracePeriodSeconds; g == nil || *g != 60 {
			t.Errorf("terminationGracePeriodSeconds %v", g)
		}
		for _, c := range p.Spec.Containers {
			sleeps := c.Lifecycle != nil && c.Lifecycle.PreStop != nil && c.Lifecycle.PreStop.Sleep != nil && c.Lifecycle.PreStop.Sleep.Seconds > 0
			if sleeps != (p.component() == "coordinator") {
				t.Errorf("container %s: lifecycle %+v", c.Name, c.Lifecycle)
			}
		}
	})
}

// Memory is asked for and limited alike, processors are asked for and not limited, and the heap knows the limit.
func TestResources(t *testing.T) {
	forPods(t, func(t *testing.T, p pods) {
		for _, c := range p.Spec.Containers {
			r := c.Resources
			if r.Requests.Memory().IsZero() || r.Requests.Memory().Cmp(*r.Limits.Memory()) != 0 {
				t.Errorf("container %s asks for memory %v and is limited to %v", c.Name, r.Requests.Memory(), r.Limits.Memory())
			}
			if r.Requests.Cpu().IsZero() || !r.Limits.Cpu().IsZero() {
				t.Errorf("container %s asks for %v processors and is limited to %v", c.Name, r.Requests.Cpu(), r.Limits.Cpu())
			}
			want := "" // the program reads the limit itself, and leaves room for what is not its heap
			if p.component() == "etcd" {
				want = "limits.memory"
			}
			if from := fieldOf(c, "GOMEMLIMIT"); from != want {
				t.Errorf("container %s: GOMEMLIMIT is from %q, want %q", c.Name, from, want)
			}
			if from := fieldOf(c, "RONDO_THREADS"); p.component() == "worker" && from != "requests.cpu" {
				t.Errorf("container %s: RONDO_THREADS is from %q", c.Name, from)
			}
		}
	})
}

// fieldOf is what a variable is taken from.
func fieldOf(c core.Container, name string) string {
	for _, e := range c.Env {
		switch {
		case e.Name != name || e.ValueFrom == nil:
		case e.ValueFrom.ResourceFieldRef != nil:
			return e.ValueFrom.ResourceFieldRef.Resource
		case e.ValueFrom.FieldRef != nil:
			return e.ValueFrom.FieldRef.FieldPath
		}
	}
	return ""
}

// Pods are spread over nodes where that can be.
func TestSpread(t *testing.T) {
	forPods(t, func(t *testing.T, p pods) {
		if len(p.Spec.TopologySpreadConstraints) != 1 {
			t.Fatalf("%d constraints of spread", len(p.Spec.TopologySpreadConstraints))
		}
		s := p.Spec.TopologySpreadConstraints[0]
		if s.TopologyKey != "kubernetes.io/hostname" || s.WhenUnsatisfiable != core.ScheduleAnyway || !selects(t, s.LabelSelector, p.Labels) {
			t.Errorf("spread %+v", s)
		}
	})
}

// Every volume is mounted, every mount has its volume, and there is a /tmp. Secrets and run files cannot be written, and
// secrets are read by the group alone.
func TestVolumes(t *testing.T) {
	forPods(t, func(t *testing.T, p pods) {
		volumes := map[string]core.Volume{}
		for _, v := range p.Spec.Volumes {
			volumes[v.Name] = v
			if v.Secret != nil && (v.Secret.DefaultMode == nil || *v.Secret.DefaultMode != 0o440) {
				t.Errorf("volume %s: the secret's mode is %v", v.Name, v.Secret.DefaultMode)
			}
			if v.HostPath != nil {
				t.Errorf("volume %s is a path of the node", v.Name)
			}
		}
		used, tmp := map[string]bool{}, false
		for _, c := range containers(p) {
			for _, m := range c.VolumeMounts {
				v, ok := volumes[m.Name]
				if !ok && !strings.HasPrefix(p.owner, "StatefulSet") { // whose claims are volumes too
					t.Errorf("container %s mounts %s, which is no volume of the pod", c.Name, m.Name)
				}
				if (v.Secret != nil || v.ConfigMap != nil) && !m.ReadOnly {
					t.Errorf("container %s mounts %s to write", c.Name, m.Name)
				}
				used[m.Name] = true
				tmp = tmp || m.MountPath == "/tmp" && v.EmptyDir != nil
			}
		}
		if !tmp {
			t.Error("there is no emptyDir at /tmp")
		}
		for name := range volumes {
			if !used[name] {
				t.Errorf("nobody mounts volume %s", name)
			}
		}
	})
}

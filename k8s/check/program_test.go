package check

import (
	"flag"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	certmanager "github.com/cert-manager/cert-manager/pkg/apis/certmanager/v1"
	core "k8s.io/api/core/v1"
	"sigs.k8s.io/yaml"
)

// program is the binary that the tests ask; empty: one is built.
var program = flag.String("rondo", "", "the `FILE` of a rondo of this source; without, one is built")

func TestMain(m *testing.M) {
	flag.Parse()
	os.Exit(testMain(m))
}

func testMain(m *testing.M) int {
	if *program == "" {
		dir, err := os.MkdirTemp("", "check-")
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		defer os.RemoveAll(dir)
		*program = filepath.Join(dir, "rondo")
		build := exec.Command("go", "build", "-o", *program, "./cmd/rondo")
		build.Dir = "../.."
		if out, err := build.CombinedOutput(); err != nil {
			fmt.Fprintf(os.Stderr, "%v: %v\n%s", build, err, out)
			return 1
		}
	}
	return m.Run()
}

// helps keeps what the program said of its commands.
var helps = map[string]string{}

func help(t *testing.T, command string) string {
	t.Helper()
	if helps[command] == "" {
		out, err := exec.Command(*program, command, "--help").CombinedOutput()
		if err != nil {
			t.Fatalf("rondo %s --help: %v\n%s", command, err, out)
		}
		helps[command] = string(out)
	}
	return helps[command]
}

// Containers give flags that the command has, and mount the files that they name.
func TestFlags(t *testing.T) {
	forPods(t, func(t *testing.T, p pods) {
		for _, c := range p.Spec.Containers {
			if p.component() == "etcd" {
				continue
			}
			if c.Args[0] != p.component() {
				t.Fatalf("container %s runs rondo %s", c.Name, c.Args[0])
			}
			for _, arg := range c.Args[1:] {
				name, value, _ := strings.Cut(arg, "=")
				if strings.HasPrefix(name, "--") && !regexp.MustCompile(`(?m)^ +(-., )?`+name+`( |$)`).MatchString(help(t, c.Args[0])) {
					t.Errorf("rondo %s has no flag %s", c.Args[0], name)
				}
				if !strings.HasPrefix(name, "--") {
					value = name
				}
				if strings.HasPrefix(value, "/") && !slices.ContainsFunc(c.VolumeMounts, func(m core.VolumeMount) bool { return strings.HasPrefix(value, m.MountPath+"/") }) {
					t.Errorf("container %s: nothing is mounted for %s", c.Name, arg)
				}
				for _, used := range regexp.MustCompile(`\$\((\w+)\)`).FindAllStringSubmatch(arg, -1) {
					if !slices.ContainsFunc(c.Env, func(e core.EnvVar) bool { return e.Name == used[1] }) {
						t.Errorf("container %s: %s is in no variable", c.Name, used[0])
					}
				}
			}
		}
	})
}

// value is what a container gives to a flag; ok: it gives the flag.
func value(c core.Container, name string) (text string, ok bool) {
	for _, arg := range c.Args {
		if flag, text, _ := strings.Cut(arg, "="); flag == name {
			for _, e := range c.Env {
				text = strings.ReplaceAll(text, "$("+e.Name+")", e.Value)
			}
			return text, true
		}
	}
	return "", false
}

// Coordinators have one record and one way to know who comes, workers listen where they say and join where coordinators are.
func TestRoles(t *testing.T) {
	forEach(t, func(t *testing.T, objects []object) {
		for _, p := range podsOf(objects) {
			if p.component() == "etcd" {
				continue
			}
			c := p.Spec.Containers[0]
			has := func(name string) bool { _, ok := value(c, name); return ok }
			if has("--token-file") == has("--tls-cert") {
				t.Errorf("%s: --token-file %v, --tls-cert %v", p.owner, has("--token-file"), has("--tls-cert"))
			}
			if has("--operator-token-file") && has("--tls-cert") {
				t.Errorf("%s: an operator's token besides certificates, which is refused", p.owner)
			}
			if p.component() == "coordinator" && has("--etcd") == has("--embed-etcd") {
				t.Errorf("%s: --etcd %v, --embed-etcd %v", p.owner, has("--etcd"), has("--embed-etcd"))
			}
			if text, _ := value(c, "--etcd"); strings.Contains(text, "rondo-etcd") {
				leads(t, objects, p.owner, strings.TrimPrefix(text, "https://"))
			}
			if p.component() == "worker" {
				join, ok := value(c, "--join")
				if !ok {
					join, _ = value(c, "--coordinator")
				}
				leads(t, objects, p.owner, join)
				code, _ := value(c, "--exit-code-on-leave")
				pool := strings.HasPrefix(p.owner, "Deployment")
				if want := map[bool]string{true: "0", false: "143"}[pool]; code != want || has("--stay") != pool {
					t.Errorf("%s: --exit-code-on-leave=%s, --stay %v", p.owner, code, has("--stay"))
				}
			}
			for flag, port := range map[string]string{"--listen": "join", "--status-addr": "status", "--ring-listen": "ring", "--health-addr": "health", "--gossip-listen": "gossip"} {
				addr, ok := value(c, flag)
				if !ok {
					continue
				}
				if at := portOf(p, port); at == nil || addr != ":"+strconv.Itoa(int(at.ContainerPort)) {
					t.Errorf("%s: %s=%s and port %s %+v", p.owner, flag, addr, port, at)
				}
			}
		}
	})
}

// leads wants a Service and its port behind an address.
func leads(t *testing.T, objects []object, owner, addr string) {
	t.Helper()
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		t.Errorf("%s: %v", owner, err)
		return
	}
	for _, s := range all[core.Service](objects) {
		for _, p := range s.Spec.Ports {
			if s.Name == host && strconv.Itoa(int(p.Port)) == port {
				return
			}
		}
	}
	t.Errorf("%s: no Service leads to %s", owner, addr)
}

// The run file of each ConfigMap is one that the program takes, with lanes for the workers that coordinators wait for and a
// directory of checkpoints on the workers' volume.
func TestRunFiles(t *testing.T) {
	forEach(t, func(t *testing.T, objects []object) {
		maps := all[core.ConfigMap](objects)
		found := 0
		for _, m := range maps {
			text, ok := m.Data["run.yaml"]
			if !ok {
				continue
			}
			found++
			path := filepath.Join(t.TempDir(), "run.yaml")
			if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			out, err := exec.Command(*program, "train", path, "--print-config").Output()
			if err != nil {
				t.Fatalf("%s: %v\n%s", m.Name, err, out)
			}
			var f struct {
				Batch      struct{ Lanes int }
				Checkpoint struct{ Dir string }
			}
			if err := yaml.Unmarshal(out, &f); err != nil {
				t.Fatal(err)
			}
			for _, p := range podsOf(objects) {
				checkRun(t, p, f.Batch.Lanes, f.Checkpoint.Dir)
			}
		}
		if found != 1 {
			t.Errorf("%d run files", found)
		}
	})
}

func checkRun(t *testing.T, p pods, lanes int, dir string) {
	t.Helper()
	c := p.Spec.Containers[0]
	switch p.component() {
	case "coordinator":
		workers, _ := value(c, "--workers")
		_, most, _ := strings.Cut(workers, "..")
		if n, err := strconv.Atoi(most); err != nil || n > lanes {
			t.Errorf("--workers=%s, and the run has %d lanes", workers, lanes)
		}
	case "worker":
		if !slices.ContainsFunc(c.VolumeMounts, func(m core.VolumeMount) bool { return strings.HasPrefix(dir, m.MountPath+"/") && !m.ReadOnly }) && !strings.Contains(dir, "://") {
			t.Errorf("%s: checkpoint.dir %s is on no volume that can be written", p.owner, dir)
		}
	}
}

// certificateSecrets are the Secrets that cert-manager makes.
func certificateSecrets(objects []object) []string {
	var names []string
	for _, c := range all[certmanager.Certificate](objects) {
		names = append(names, c.Spec.SecretName)
	}
	return names
}

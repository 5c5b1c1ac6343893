package cmd

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rondo-ml/rondo/coordinator/api"
)

// fakeKubectl puts a kubectl first on the PATH that is a script. What it was called with is in the file returned.
func fakeKubectl(t *testing.T, script string) (calls string) {
	t.Helper()
	dir := t.TempDir()
	calls = filepath.Join(dir, "calls")
	text := "#!/bin/sh\necho \"$@\" >> " + calls + "\nshift 4\n" + script
	if err := os.WriteFile(filepath.Join(dir, "kubectl"), []byte(text), 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir+string(os.PathListSeparator)+os.Getenv("PATH"))
	return calls
}

// statusPage serves a phase, and is called by its port.
func statusPage(t *testing.T, phase api.Phase) (port string) {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintf(w, `{"phase":%q,"run":{"name":"far"},"reason":"said"}`, phase)
	}))
	t.Cleanup(s.Close)
	return s.URL[strings.LastIndex(s.URL, ":")+1:]
}

// run is what a command prints; it must succeed.
func run(t *testing.T, args ...string) string {
	t.Helper()
	var out, said strings.Builder
	if code := Execute(context.Background(), args, &out, &said); code != 0 {
		t.Fatalf("%s: exit status %d\n%s", strings.Join(args, " "), code, &said)
	}
	return out.String()
}

// The first coordinator stands by, the second leads: the status is the second's.
func TestStatusInKubernetes(t *testing.T) {
	standby, leads := statusPage(t, api.PhaseStandby), statusPage(t, api.PhaseTraining)
	calls := fakeKubectl(t, fmt.Sprintf(`case "$1" in
get) echo pod/one; echo pod/two;;
port-forward)
	case "$4" in pod/one) port=%s;; pod/two) port=%s;; esac
	echo "Forwarding from 127.0.0.1:$port -> 8780"
	exec sleep 60;;
esac
`, standby, leads))
	out := run(t, "status", "--context", "far-away", "--namespace", "science")
	if !strings.Contains(out, "far: training (said)") {
		t.Errorf("got %s", out)
	}
	said, err := os.ReadFile(calls)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"--context far-away --namespace science get pods", "port-forward --address 127.0.0.1 pod/one :8780"} {
		if !strings.Contains(string(said), want) {
			t.Errorf("kubectl was not called with %q, but\n%s", want, said)
		}
	}
}

func TestKubectlErrors(t *testing.T) {
	k := &kubeFlags{context: "far", namespace: "rondo"}
	never := func(string) (bool, error) { t.Error("a coordinator was asked"); return true, nil }
	for script, want := range map[string]string{
		"exit 0": "no coordinator is running",
		"echo 'error: context \"far\" does not exist' >&2; exit 1":                              `namespace rondo: kubectl: error: context "far" does not exist`,
		"test $1 = get && echo pod/one || { echo 'unable to do port forwarding' >&2; exit 1; }": "unable to do port forwarding",
		"case $1 in get) echo pod/one;; esac":                                                   "before it forwarded anything",
	} {
		fakeKubectl(t, script)
		if err := k.each(context.Background(), kubeStatusPort, never); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", script, err, want)
		}
	}
	t.Setenv("PATH", t.TempDir())
	if err := k.each(context.Background(), kubeStatusPort, never); err == nil || !strings.Contains(err.Error(), "needs kubectl") {
		t.Errorf("no kubectl: %v", err)
	}
}

func TestLogsInKubernetes(t *testing.T) {
	calls := fakeKubectl(t, `echo "[pod/one/worker] joined"`)
	if out := run(t, "logs", "--context", "far", "--tail", "5"); out != "[pod/one/worker] joined\n" {
		t.Errorf("got %q", out)
	}
	said, _ := os.ReadFile(calls)
	if want := "--context far --namespace rondo logs --all-containers --prefix --ignore-errors --tail 5 --selector app.kubernetes.io/name=rondo"; !strings.Contains(string(said), want) {
		t.Errorf("kubectl was called with %s", said)
	}
}

// What would ask another run than the one that is meant, or less than was asked for, is refused.
func TestKubernetesUsage(t *testing.T) {
	fakeKubectl(t, `case "$1" in
get) echo pod/one;;
port-forward) echo "Forwarding from 127.0.0.1:1 -> 8781"; exec sleep 60;;
esac
`)
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"status", "--namespace", "science"}, "--namespace goes with --context NAME"},
		{[]string{"stop", "--namespace", "science"}, "--namespace goes with --context NAME"},
		{[]string{"stop", "--namespace", "science", "--run", "one"}, "--namespace goes with --context NAME"},
		{[]string{"logs", "--context", "far", "--follow", "one", "two"}, "--follow takes one POD"},
		{[]string{"status", "--context", "far", "--token-file", "/no/such/token"}, "/no/such/token"},
	} {
		var out, said strings.Builder
		code := Execute(context.Background(), c.args, &out, &said)
		if code != exitUsage || !strings.Contains(said.String(), c.want) {
			t.Errorf("%s: exit status %d, and %q; want %q", strings.Join(c.args, " "), code, &said, c.want)
		}
	}
}

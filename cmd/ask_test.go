package cmd

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"

	"github.com/rondo-ml/rondo/coordinator/api"
	"github.com/rondo-ml/rondo/coordinator/identity"
)

// answering is a coordinator that knows its status alone.
type answering struct {
	api.UnimplementedCoordinatorServer
	json string
}

func (a *answering) Status(context.Context, *api.StatusRequest) (*api.StatusReply, error) {
	return &api.StatusReply{Json: []byte(a.json)}, nil
}

// startAnswering serves a status of a run of this name, and says with what an operator asks for it.
func startAnswering(t *testing.T, run string) (addr string, operator identity.Paths) {
	t.Helper()
	authority, err := identity.NewAuthority()
	if err != nil {
		t.Fatal(err)
	}
	written := func(name, role string) identity.Paths {
		p, err := authority.Write(filepath.Join(t.TempDir(), "tls"), name, role)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	own := written("coordinator", identity.CoordinatorRole)
	creds, err := identity.Load(own.CA, own.Cert, own.Key)
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := grpc.NewServer(grpc.Creds(credentials.NewTLS(creds.Server())))
	api.RegisterCoordinatorServer(s, &answering{json: `{"phase":"waiting","reason":"said","run":{"name":"` + run + `"}}`})
	go func() { _ = s.Serve(l) }()
	t.Cleanup(s.Stop)
	return l.Addr().String(), written("operator", identity.OperatorRole)
}

// deaf is an address where nobody answers.
func deaf(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// Of several coordinators the first that answers is asked.
func TestAskOneOfSeveral(t *testing.T) {
	addr, p := startAnswering(t, "far")
	byCert := []string{"--tls-ca", p.CA, "--tls-cert", p.Cert, "--tls-key", p.Key}
	for _, list := range []string{addr, deaf(t) + "," + addr, addr + "," + deaf(t)} {
		if out := run(t, append([]string{"status", "--coordinator", list}, byCert...)...); !strings.Contains(out, "far: waiting (said)") {
			t.Errorf("%s: %s", list, out)
		}
	}
	token := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(token, []byte("first.0123456789abcdef0123456789abcdef\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	one, other := deaf(t), deaf(t)
	for _, as := range [][]string{byCert, {"--token-file", token}} {
		for _, args := range [][]string{{"status"}, {"token", "list"}, {"stop"}} {
			code, _, said := runs(t, append(append(args, "--coordinator", one+","+other), as...)...)
			for _, want := range []string{one, other, "connection refused", "give another's address"} {
				if code != exitFailed || !strings.Contains(said, want) {
					t.Errorf("%q: exit status %d, and %q in\n%s", args, code, want, said)
				}
			}
			if strings.Contains(said, "by token") {
				t.Errorf("%q speaks of tokens:\n%s", args, said)
			}
		}
	}
}

// Runs of one name cannot be told apart by --run: the error says what tells them apart, with and without a name.
func TestRunsOfOneName(t *testing.T) {
	same := []*localRun{{Name: "same", Page: "127.0.0.1:4001"}, {Name: "same", Page: "127.0.0.1:4002"}}
	for _, name := range []string{"", "same"} {
		_, err := pickRun(same, name)
		for _, want := range []string{"2 runs named same", "127.0.0.1:4001", "127.0.0.1:4002", "--status-addr"} {
			if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "--run") {
				t.Errorf("%q: %v; want %q", name, err, want)
			}
		}
	}
	if run, err := pickRun(append(same, &localRun{Name: "other"}), "other"); err != nil || run.Name != "other" {
		t.Errorf("%+v, %v", run, err)
	}
}

// The status of a run on this machine is found as those that steer find it, whatever its page's address.
func TestStatusOfRunHere(t *testing.T) {
	parent := shortDir(t)
	t.Setenv("TMPDIR", parent)
	addr, p := startAnswering(t, "here")
	page := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, `{"step":7,"layers":[{"name":%q}]}`, "of "+r.URL.Path)
	}))
	t.Cleanup(page.Close)
	for name, pageAt := range map[string]string{"status-test-a": strings.TrimPrefix(page.URL, "http://"), "status-test-b": ""} {
		text, err := json.Marshal(localRun{name, addr, pageAt, p.CA, p.Cert, p.Key})
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(made(t, false, parent).path, localRunName), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if out := run(t, "status", "--run", "status-test-b"); !strings.Contains(out, "here: waiting (said)") {
		t.Errorf("printed %s", out)
	}
	if out := run(t, "status", "--health", "--run", "status-test-a"); !strings.Contains(out, "of /api/health") {
		t.Errorf("printed %s", out)
	}
	for _, c := range []struct {
		args []string
		code int
		want []string
	}{
		{nil, exitUsage, []string{"status-test-a", "status-test-b", "say which by --run NAME"}},
		{[]string{"--run", "status-test-c"}, exitFailed, []string{"no run named status-test-c", "status-test-a"}},
		{[]string{"--health", "--run", "status-test-b"}, exitFailed, []string{"status-test-b has no status page"}},
		{[]string{"--status-addr", deaf(t)}, exitFailed, []string{"is a run going on there? On this machine go on: ", "status-test-a", "--run NAME asks"}},
		{[]string{"--status-addr", deaf(t), "--run", "status-test-a"}, exitUsage, []string{"status-addr", "run"}},
	} {
		code, _, said := runs(t, append([]string{"status"}, c.args...)...)
		for _, want := range c.want {
			if code != c.code || !strings.Contains(said, want) {
				t.Errorf("%q: exit status %d, want %d and %q in\n%s", c.args, code, c.code, want, said)
			}
		}
	}
}

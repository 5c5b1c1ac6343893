package integration

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"syscall"
	"testing"
)

// secretOf is the part of a token that nobody may print.
func secretOf(text string) string { return strings.Split(text, ".")[1] }

// writeToken puts a token into a file that nobody else can read.
func (l *Lab) writeToken(name, text string) string {
	l.t.Helper()
	if err := os.WriteFile(l.Path(name), []byte(text+"\n"), 0o600); err != nil {
		l.t.Fatal(err)
	}
	return name
}

// TestTokens has two coordinators over an etcd, and three workers, without a single certificate in a file: two
// workers come by a secret that the user has made up, one by a token that was made meanwhile. That token is revoked
// while they train; they train on, and nobody joins by it any more. An operator steers by a token. The weights are those of
// a calm run, nobody has printed a secret, and etcd was written to for what was decided, not for steps.
func TestTokens(t *testing.T) {
	l := NewLab(t)
	smallRun(l)
	sets := []string{endless, "checkpoint.every=0", "eval.every=0"}
	server := startEtcdServer(t)
	record := []string{"--etcd", server.client.Host, "--etcd-tls=false"}
	madeUp := "first.0123456789abcdef0123456789abcdef"
	first := l.writeToken("first", madeUp)
	flags := append(setFlags(sets), "--set", "checkpoint.dir=run")
	coordinator := func(name string) (*Process, string) {
		p := l.Start(append(append([]string{"coordinator", "run.yaml", "--workers", "3", "--listen", "127.0.0.1:0", "--status-addr", "127.0.0.1:0",
			"--name", name, "--token-file", first}, record...), flags...)...)
		return p, p.WaitOutput(`workers join\s+(\S+)`)[1]
	}
	leading, addr := coordinator("coordinator-0")
	standing, other := coordinator("coordinator-1")
	worker := func(name, file string) []string {
		return append([]string{"worker", "run.yaml", "--join", other + "," + addr, "--token-file", file, "--threads", "1", "--name", name}, flags...)
	}
	create := func(name string, more ...string) (text, file string) {
		text = strings.TrimSpace(l.Must(append(append([]string{"token", "create"}, more...), record...)...))
		return text, l.writeToken(name, text)
	}
	processes := []*Process{leading, standing, l.Start(worker("worker-0", first)...), l.Start(worker("worker-1", first)...)}
	processes[2].WaitOutput("msg=joined")
	processes[3].WaitOutput("msg=joined")

	made, third := create("third", "--description", "for the third")
	id, hash := strings.Split(made, ".")[0], strings.Split(made, ".")[2]
	foreign := strings.Repeat("0", 64)
	for _, c := range []struct {
		what, token string
		wants       []string
	}{
		{"another secret", "first.ffffffff89abcdef0123456789abcdef", []string{"first", "does not prove the secret"}},
		{"no such token", "second.0123456789abcdef0123456789abcdef", []string{"there is no token second"}},
		{"another authority", madeUp + "." + foreign, []string{foreign, hash}},
	} {
		l.WantError(c.what, l.Run(worker("worker-3", l.writeToken("bad", c.token))...), 2, c.wants...)
	}
	l.WantError("a worker that steers", l.Run("stop", "--coordinator", addr, "--token-file", first), 2, "--role operator")

	processes = append(processes, l.Start(worker("worker-2", third)...))
	leading.WaitStep(2)
	l.Must(append([]string{"token", "revoke", id}, record...)...)
	l.WantError("a revoked token", l.Run(worker("worker-3", third)...), 2, id, "was revoked at")
	_, operator := create("operator", "--role", "operator")
	l.WantError("an operator that works", l.Run(worker("worker-3", operator)...), 2, "--token-file: the token is an operator's", "token create")
	l.Must("checkpoint", "--coordinator", addr, "--token-file", operator)
	kubectl := fmt.Sprintf(`#!/bin/sh
shift 4
case "$1 $2" in
"get pods") echo pod/standing;;
"get secret") base64 -w 0 %s;;
port-forward*) echo "Forwarding from %s -> 8781"; exec sleep 100;;
esac
`, l.Path(operator), other)
	if err := os.WriteFile(l.Path("kubectl"), []byte(kubectl), 0o700); err != nil {
		t.Fatal(err)
	}
	far := l.StartEnv([]string{"PATH=" + l.Path(".") + ":" + os.Getenv("PATH")}, "checkpoint", "--at", "900000", "--context", "far").Wait()
	if far.Code != 0 || !strings.Contains(far.Stdout, "900000") {
		t.Errorf("a checkpoint by kubectl: exit status %d\n%s%s", far.Code, far.Stdout, far.Stderr)
	}
	if text := l.Must("status", "--coordinator", "127.0.0.1:1,"+addr, "--token-file", operator); !strings.Contains(text, "of 1000000") || !strings.Contains(text, "worker-2") {
		t.Errorf("the status by token:\n%s", text)
	}
	list := l.Must(append([]string{"token", "list"}, record...)...)
	if !regexp.MustCompile(id+`\s+worker\s+revoked\s.*"for the third"`).MatchString(list) || strings.Contains(list, secretOf(made)) {
		t.Errorf("the list of tokens:\n%s", list)
	}
	l.Must("stop", "--coordinator", addr, "--token-file", operator)
	for _, p := range processes {
		r := p.Wait()
		if r.Code != 130 {
			t.Errorf("%s: exit status %d\n%s", p.name, r.Code, r.Stderr)
		}
		for _, text := range []string{madeUp, made} {
			if strings.Contains(r.Stdout+r.Stderr, secretOf(text)) {
				t.Errorf("%s prints a secret:\n%s%s", p.name, r.Stdout, r.Stderr)
			}
		}
	}
	l.wantReplayed("run.yaml", "run", setFlags(sets)...)
	server.wantFewWrites(100)
}

// TestTokensWithoutEtcd makes the token before there is a coordinator, whose record is a directory, and starts workers with
// nothing but that token. The coordinator is killed and started again: it has the authority of before, the workers come
// to it with the certificates that they have, though the token is revoked. An operator comes by a token that was made meanwhile.
func TestTokensWithoutEtcd(t *testing.T) {
	l := NewLab(t)
	smallRun(l)
	sets := []string{endless, "checkpoint.every=50", "eval.every=0"}
	l.Write("token", "of before\n")
	if out := l.Must("token", "create", "--out", "token"); out != "" {
		t.Errorf("with --out it prints %q", out)
	}
	file := l.Path("token")
	text, err := os.ReadFile(file)
	if info, statErr := os.Stat(file); err != nil || statErr != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("the token's file: %v, %v, %v", err, info, statErr)
	}
	made := strings.TrimSpace(string(text))
	flags := append(setFlags(sets), "--set", "checkpoint.dir=run")
	coordinator := func(listen string, more ...string) *Process {
		return l.Start(append(append([]string{"coordinator", "run.yaml", "--workers", "2", "--listen", listen, "--status-addr", "127.0.0.1:0"}, flags...), more...)...)
	}
	first := coordinator(freeAddr(t))
	addr := first.WaitOutput(`workers join\s+(\S+)`)[1]
	worker := append([]string{"worker", "run.yaml", "--join", addr, "--token-file", file, "--threads", "1"}, flags...)
	workers := []*Process{l.Start(worker...), l.Start(worker...)}
	first.WaitStep(2)
	first.Signal(os.Kill)
	first.Wait()
	l.Must("token", "revoke", strings.Split(made, ".")[0])
	second := coordinator(addr, "--resume")
	second.WaitOutput("took over the ring of generation 1 at step .* with all of its 2 workers")
	l.WantError("a revoked token", l.Run(worker...), 2, "was revoked at")
	operator := l.writeToken("operator", strings.TrimSpace(l.Must("token", "create", "--role", "operator")))
	l.Must("checkpoint", "--coordinator", addr, "--token-file", operator)
	l.Must("stop", "--coordinator", addr, "--token-file", operator)
	for _, p := range append(workers, second) {
		if r := p.Wait(); r.Code != 130 {
			t.Errorf("%s: exit status %d\n%s", p.name, r.Code, r.Stderr)
		}
	}
	l.wantReplayed("run.yaml", "run", setFlags(sets)...)
}

// TestTokensByCoordinator asks the coordinator for tokens, whose record nobody else can open: an etcd in its process.
func TestTokensByCoordinator(t *testing.T) {
	t.Parallel()
	l := NewLab(t)
	smallRun(l)
	operator := l.writeToken("operator", "ops.0123456789abcdef0123456789abcdef")
	c := l.Start("coordinator", "run.yaml", "--workers", "2", "--listen", "127.0.0.1:0", "--status-addr", "127.0.0.1:0", "--embed-etcd", "etcd", "--operator-token-file", operator)
	addr := c.WaitOutput(`workers join\s+(\S+)`)[1]
	ask := func(file string, args ...string) Result {
		return l.Run(append(append([]string{"token"}, args...), "--coordinator", addr, "--token-file", file)...)
	}
	made := ask(operator, "create", "--uses", "1", "--description", "for one")
	if made.Code != 0 || !strings.Contains(made.Stderr, "lets 1 join") {
		t.Fatalf("rondo token create: %+v", made)
	}
	text := strings.TrimSpace(made.Stdout)
	id, file := strings.Split(text, ".")[0], l.writeToken("one", text)
	worker := func(name string) []string {
		return []string{"worker", "run.yaml", "--join", addr, "--token-file", file, "--threads", "1", "--name", name}
	}
	l.Start(worker("worker-0")...).WaitOutput("msg=joined")
	l.WantError("one too many", l.Run(worker("worker-1")...), 2, id, "as many processes as may (1)")
	if r := ask(operator, "list"); r.Code != 0 || !regexp.MustCompile(id+`\s+worker\s+valid\s+1 of 1\s.*"for one"`).MatchString(r.Stdout) || strings.Contains(r.Stdout, secretOf(text)) {
		t.Errorf("the list: %+v", r)
	}
	l.WantError("an operator that works", l.Run("worker", "run.yaml", "--join", addr, "--token-file", operator), 2, "--token-file: the token is an operator's")
	l.WantError("a worker that makes tokens", ask(file, "create"), 1, id)
	l.WantError("revoking none", ask(operator, "revoke", "nobody"), 1, "nobody")
	l.WantError("uses of an operator's", ask(operator, "create", "--role", "operator", "--uses", "2"), 2, "--uses 2")
	l.WantError("two places at once", l.Run("token", "list", "--record-dir", "x", "--coordinator", addr, "--token-file", operator), 2, "--record-dir")
	if r := ask(operator, "revoke", id); r.Code != 0 || !strings.Contains(r.Stdout, id+" is revoked") {
		t.Errorf("rondo token revoke: %+v", r)
	}
	l.WantError("a revoked token", l.Run(worker("worker-0")...), 2, id, "was revoked at")
	if r := ask(operator, "revoke", "ops"); r.Code != 0 { // of a file
		t.Errorf("rondo token revoke of a file's: %+v", r)
	}
	l.WantError("a revoked token of a file", ask(operator, "list"), 1, "ops was revoked at")
}

// TestLeaveBeforeJoining asks a worker to leave that still waits for a coordinator to join by token.
func TestLeaveBeforeJoining(t *testing.T) {
	t.Parallel()
	l := NewLab(t)
	smallRun(l)
	file := l.writeToken("token", "first.0123456789abcdef0123456789abcdef")
	for _, c := range []struct {
		flags []string
		code  int
	}{{nil, 130}, {[]string{"--exit-code-on-leave", "143"}, 143}, {[]string{"--exit-code-on-leave", "0"}, 0}} {
		p := l.Start(append([]string{"worker", "run.yaml", "--join", "127.0.0.1:1", "--token-file", file}, c.flags...)...)
		p.WaitOutput("waits for a coordinator to join by token")
		p.Signal(syscall.SIGTERM)
		if r := p.Wait(); r.Code != c.code {
			t.Errorf("%q: exit status %d, want %d\n%s", c.flags, r.Code, c.code, r.Stderr)
		}
	}
}

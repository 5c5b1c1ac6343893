package integration

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/rondo-ml/rondo/coordinator/token"
)

// manual is docs/operations.md: the commands of its blocks, each to be run as it stands there.
type manual struct {
	t     *testing.T
	text  string
	lines []string
	run   map[string]bool
}

func readManual(t *testing.T) *manual {
	t.Helper()
	text, err := os.ReadFile("../docs/operations.md")
	if err != nil {
		t.Fatal(err)
	}
	m := &manual{t: t, text: string(text), run: map[string]bool{}}
	fence, comment, language := false, regexp.MustCompile(`\s{2,}#.*`), ""
	for line := range strings.Lines(strings.ReplaceAll(m.text, "\\\n", " ")) {
		line = strings.TrimSpace(line)
		if name, is := strings.CutPrefix(line, "```"); is {
			fence, language = !fence, name
			continue
		}
		if line = strings.Join(strings.Fields(comment.ReplaceAllString(line, "")), " "); fence && language != "yaml" && line != "" {
			m.lines = append(m.lines, line)
		}
	}
	if len(m.lines) < 10 {
		t.Fatalf("%d commands in docs/operations.md: %q", len(m.lines), m.lines)
	}
	return m
}

// line is the first command with a beginning that has not been run.
func (m *manual) line(beginning string) string {
	m.t.Helper()
	for _, line := range m.lines {
		if strings.HasPrefix(line, beginning) && !m.run[line] {
			m.run[line] = true
			return line
		}
	}
	m.t.Fatalf("docs/operations.md has no command %q… that has not been run", beginning)
	return ""
}

// machine is the machine on which the commands are run: host0, with rondo and a kubectl on its PATH.
func (l *Lab) machine(t *testing.T) *Lab {
	t.Helper()
	name := fmt.Sprintf("rondo-manual-%d", os.Getpid())
	namespace(t, name)
	for _, args := range [][]string{{"link", "set", "lo", "up"}, {"addr", "add", "198.51.100.1/24", "dev", "lo"}} {
		if err := ip(append([]string{"-n", name}, args...)...); err != nil {
			t.Skip(err)
		}
	}
	etc := filepath.Join("/etc/netns", name)
	err := os.MkdirAll(etc, 0o755)
	if err == nil {
		t.Cleanup(func() { os.RemoveAll(etc) })
		err = os.WriteFile(filepath.Join(etc, "hosts"), []byte("127.0.0.1 localhost\n198.51.100.1 host0\n"), 0o644)
	}
	if err != nil {
		t.Skip(err)
	}
	there := *l
	there.inside, there.bin = []string{"ip", "netns", "exec", name}, "sh"
	return &there
}

// shell starts a command line.
func (l *Lab) shell(line string) *Process {
	l.t.Helper()
	if strings.HasPrefix(line, "rondo coordinator") || strings.HasPrefix(line, "rondo worker") {
		line = "exec " + line // so that it is what is killed at the end
	}
	return l.StartEnv([]string{"PATH=" + l.Path("bin") + ":" + os.Getenv("PATH")}, "-c", line)
}

// do runs a command line to its end.
func (l *Lab) do(line string) string {
	l.t.Helper()
	r := l.shell(line).Wait()
	if r.Code != 0 {
		l.t.Fatalf("%s: exit status %d\n%s%s", line, r.Code, r.Stdout, r.Stderr)
	}
	return r.Stdout
}

// kubectlStandIn knows the verbs of the manual's blocks. A secret's files are looked for, and what comes on stdin is kept as secret-NAME; the coordinator's port is host0's.
const kubectlStandIn = `#!/bin/sh
echo "$*" >> kubectl.log
[ "$1" = --context ] && shift 4
[ "$1" = -n ] && shift 2
case "$1 $2" in
"create namespace") ;;
"create secret")
	for a; do case $a in
	--from-file=token=/dev/stdin) cat > "secret-$4";;
	--from-file=*) test -s "${a##*=}" || exit 1;;
	esac; done;;
"delete -k") test -s "$3/kustomization.yaml";;
"get pods") echo pod/coordinator;;
"get secret") base64 -w 0 operator-token;;
port-forward*) echo "Forwarding from 127.0.0.1:8781 -> 8781"; exec sleep 100;;
*) echo "no $1 $2" >&2; exit 1;;
esac
`

// TestOperations runs every command of the blocks of docs/operations.md as it stands there, by a shell, on a machine that is called
// host0. For kubectl there is one that looks at what it is told; on a real cluster make cluster runs it.
func TestOperations(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("openssl"); err != nil {
		t.Skip("the manual makes secrets with openssl: ", err)
	}
	m := readManual(t)
	l := NewLab(t)
	smallRun(l)
	want := l.calm()
	l.Write("bin/kubectl", kubectlStandIn)
	repository, err := filepath.Abs("..")
	if err == nil {
		err = os.Chmod(l.Path("bin/kubectl"), 0o700)
	}
	for from, to := range map[string]string{l.bin: "bin/rondo", repository + "/k8s": "k8s"} {
		if err == nil {
			err = os.Symlink(from, l.Path(to))
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	there := l.machine(t)

	t.Log("by files, to the end")
	there.do(m.line("rondo certs --out certs"))
	processes := []*Process{there.shell(m.line("rondo coordinator run.yaml --workers 3 --tls-ca"))}
	processes[0].WaitOutput(`workers join`)
	line := m.line("rondo worker run.yaml --name worker-0")
	for _, name := range []string{"worker-0", "worker-1", "worker-2"} {
		processes = append(processes, there.shell(strings.Replace(line, "--name worker-0", "--name "+name, 1)))
	}
	for _, p := range processes {
		if r := p.Wait(); r.Code != 0 {
			t.Fatalf("%s: exit status %d\n%s", p.name, r.Code, r.Stderr)
		}
	}
	if got := l.Digest("run"); got != want {
		t.Errorf("digest %s, calm %s", got, want)
	}

	t.Log("by token, while it trains")
	l.Write("run.yaml", strings.Replace(runFile, "steps: 40", "steps: 1000000", 1))
	for _, d := range []string{"run", "record"} {
		if err := os.RemoveAll(l.Path(d)); err != nil {
			t.Fatal(err)
		}
	}
	there.do(m.line(`echo "first.$(openssl`))
	leads := there.shell(m.line("rondo coordinator run.yaml --workers 3 --token-file"))
	leads.WaitOutput(`workers join`)
	worker := m.line("rondo worker run.yaml --join")
	there.shell(worker).WaitOutput("msg=joined")
	there.do(m.line("rondo token create --out token"))
	there.shell(worker).WaitOutput("msg=joined")
	there.shell(worker)
	leads.WaitOutput(`msg=training`)
	there.do(m.line("rondo token create --role operator"))
	id := find(t, there.do(m.line("rondo token list")), `(?m)^(\S+) +worker +valid`)
	if out := there.do(m.line("rondo status --coordinator")); !strings.Contains(out, "of 1000000") {
		t.Errorf("the status: %s", out)
	}
	if out := there.do(m.line("rondo token create --uses 4")); strings.Count(out, ".") != 2 {
		t.Errorf("a token by the coordinator: %s", out)
	}
	there.do(strings.Replace(m.line("rondo token revoke ID"), "ID", id, 1))

	t.Log("on Kubernetes")
	there.do(m.line("rondo certs --out etcd-certs"))
	for _, beginning := range []string{"kubectl create namespace", `echo "prod.`, "kubectl -n rondo create secret generic rondo-etcd-tls", `echo "operator.`} {
		there.do(m.line(beginning))
	}
	for _, name := range []string{"rondo-token", "rondo-operator-token"} {
		if _, err := token.ReadFile(l.Path("secret-" + name)); err != nil {
			t.Errorf("Secret %s: %v", name, err)
		}
	}
	if out := there.do(m.line("rondo lr 1e-4 --at +100 --context NAME")); !strings.Contains(out, "0.0001") {
		t.Errorf("another rate: %s", out)
	}
	there.do(m.line("kubectl delete -k"))
	for _, line := range m.lines {
		if !m.run[line] {
			t.Errorf("docs/operations.md has a command that no test runs: %s", line)
		}
	}
}

// onCluster says what of integration/cluster does on a real cluster what the manual says in its sentences and tables.
var onCluster = map[string]string{
	"apply": `"apply", "-k"`, "scale": `"scale"`, "delete": `"delete", "pod"`, "drain": `"drain"`, "rollout": `"rollout", "restart"`,
	"get": `"get"`, "describe": `"get"`, "logs": `"logs"`, // those look
}

// TestOperationsInline looks at the commands within sentences and tables: rondo has that command with those flags, and
// the tests of a real cluster do what kubectl does.
func TestOperationsInline(t *testing.T) {
	t.Parallel()
	m := readManual(t)
	l := NewLab(t)
	flag := regexp.MustCompile(`^--[a-z-]+`)
	var sources strings.Builder
	files, _ := filepath.Glob("cluster/*.go")
	more, _ := filepath.Glob("cluster/lab/*.go")
	for _, f := range append(files, more...) {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		sources.Write(text)
	}
	helps := map[string]string{}
	looked := 0
	for _, code := range regexp.MustCompile("`((?:rondo|kubectl) [^`]+)`").FindAllStringSubmatch(m.text, -1) {
		words := strings.Fields(code[1])
		looked++
		if words[0] == "kubectl" {
			if i := slices.Index(words, "-n"); i > 0 {
				words = slices.Delete(words, i, i+2)
			}
			if does := onCluster[words[1]]; does == "" || !strings.Contains(sources.String(), does) {
				t.Errorf("%s: nothing in integration/cluster does that", code[1])
			}
			continue
		}
		// as `rondo status|lr …` names several
		for name := range strings.SplitSeq(words[1], "|") {
			if (name == "shard" || name == "token") && len(words) > 2 {
				name += " " + words[2]
			}
			if _, known := helps[name]; !known {
				helps[name] = l.Must(append(strings.Fields(name), "--help")...)
			}
			for _, w := range words[2:] {
				if f := flag.FindString(w); f != "" && !strings.Contains(helps[name], f) {
					t.Errorf("%s: rondo %s has no %s", code[1], name, f)
				}
			}
		}
	}
	if looked < 20 {
		t.Errorf("%d commands in the sentences of docs/operations.md", looked)
	}
}

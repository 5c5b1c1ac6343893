package integration

import (
	"fmt"
	"strings"

	"github.com/rondo-ml/rondo/coordinator/identity"
)

// Cluster is a coordinator and workers as they run on several machines: each
// started by itself, with a certificate of one authority, and TLS around the
// ring. Here all are on the loopback.
type Cluster struct {
	lab         *Lab
	authority   *identity.Authority
	Dir         string // checkpoint.dir
	Coordinator *Process
	Addr        string // where workers join
	Workers     []*Process
	sets        []string
	others      []string // addresses of other coordinators
	gossip      []string // flags of every process; nil: no gossip
}

// StartCluster starts a coordinator for so many workers over the lab's
// run.yaml, with the given overrides of its fields.
func (l *Lab) StartCluster(workers int, sets ...string) *Cluster {
	l.t.Helper()
	return l.startCluster(workers, nil, sets)
}

// StartGossiping is StartCluster with gossip between all processes.
func (l *Lab) StartGossiping(workers int, sets ...string) *Cluster {
	l.t.Helper()
	return l.startCluster(workers, []string{"--gossip-listen", "127.0.0.1:0"}, sets)
}

func (l *Lab) startCluster(workers int, gossip, sets []string) *Cluster {
	l.t.Helper()
	c := l.newCluster(gossip, sets)
	c.coordinate(workers)
	return c
}

// coordinate starts the coordinator, and waits until workers can join it.
func (c *Cluster) coordinate(workers int, more ...string) {
	c.lab.t.Helper()
	c.Coordinator = c.startCoordinator(workers, more...)
	c.Addr = c.Coordinator.WaitOutput(`workers join\s+(\S+)`)[1]
}

// newCluster is a cluster of which nothing runs yet.
func (l *Lab) newCluster(gossip, sets []string) *Cluster {
	l.t.Helper()
	authority, err := identity.NewAuthority()
	if err != nil {
		l.t.Fatal(err)
	}
	c := &Cluster{lab: l, authority: authority, Dir: "cluster", gossip: gossip}
	c.sets = append(setFlags(sets), "--set", "checkpoint.dir="+c.Dir)
	return c
}

// setFlags are the flags that override fields of a run file.
func setFlags(sets []string) (flags []string) {
	for _, s := range sets {
		flags = append(flags, "--set", s)
	}
	return flags
}

func (c *Cluster) startCoordinator(workers int, more ...string) *Process {
	c.lab.t.Helper()
	args := append([]string{"coordinator", "run.yaml", "--workers", fmt.Sprint(workers), "--listen", "127.0.0.1:0",
		"--status-addr", "127.0.0.1:0", "--record-dir", "record"}, c.sets...)
	args = append(append(args, c.gossip...), c.tls(c.authority, "coordinator")...)
	return c.lab.Start(append(args, more...)...)
}

// tls gives a process a certificate of the authority, and the flags for it.
func (c *Cluster) tls(authority *identity.Authority, name string) []string {
	c.lab.t.Helper()
	dir := "certs"
	if authority != c.authority {
		dir = "certs-of-others"
	}
	role := identity.NamedWorker(name)
	if r := map[string]string{"coordinator": identity.CoordinatorRole, "operator": identity.OperatorRole}[name]; r != "" {
		role = r
	}
	p, err := authority.Write(c.lab.Path(dir), name, role, "127.0.0.1")
	if err != nil {
		c.lab.t.Fatal(err)
	}
	return []string{"--tls-ca", p.CA, "--tls-cert", p.Cert, "--tls-key", p.Key}
}

// WorkerArgs is the command line of a worker.
func (c *Cluster) WorkerArgs(name string, more ...string) []string {
	c.lab.t.Helper()
	args := append([]string{"worker", "run.yaml", "--name", name, "--coordinator", c.Addr,
		"--ring-listen", "127.0.0.1:0", "--threads", "1"}, c.sets...)
	for _, addr := range c.others {
		args = append(args, "--coordinator", addr)
	}
	args = append(append(args, c.gossip...), c.tls(c.authority, name)...)
	return append(args, more...)
}

// StartWorker starts a worker that belongs to the run, and waits until it has
// joined.
func (c *Cluster) StartWorker(name string, more ...string) *Process {
	c.lab.t.Helper()
	p := c.lab.Start(c.WorkerArgs(name, more...)...)
	p.WaitOutput(`msg=joined`)
	c.Workers = append(c.Workers, p)
	return p
}

// StartWorkers starts worker-0 and the next ones, and waits until they have joined.
func (c *Cluster) StartWorkers(n int, more ...string) {
	c.lab.t.Helper()
	for i := range n {
		c.StartWorker(fmt.Sprintf("worker-%d", i), more...)
	}
}

// Steer runs a command that asks the coordinator something.
func (c *Cluster) Steer(args ...string) Result {
	c.lab.t.Helper()
	return c.lab.Run(append(append(args, "--coordinator", c.Addr), c.tls(c.authority, "operator")...)...)
}

// WantLeft waits for the coordinator and all workers, and wants the exit status
// of each.
func (c *Cluster) WantLeft(code int) {
	c.lab.t.Helper()
	for _, p := range append([]*Process{c.Coordinator}, c.Workers...) {
		if r := p.Wait(); r.Code != code {
			c.lab.t.Errorf("%s: exit status %d, want %d\n%s", p.name, r.Code, code, r.Stderr)
		}
	}
}

// lastLine is the last line of what was printed.
func lastLine(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return lines[len(lines)-1]
}

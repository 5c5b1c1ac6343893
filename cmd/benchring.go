package cmd

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/rondo-ml/rondo/cmd/bench"
	"github.com/rondo-ml/rondo/cmd/program"
	"github.com/rondo-ml/rondo/coordinator/identity"
	"github.com/rondo-ml/rondo/worker/machine"
)

// ringProcesses are the members of a ring that is measured. Each prints the address at which it listens, reads
// that of the next one, and in the end prints what it saw.
type ringProcesses struct {
	family
	list []*ringProcess // guarded by the family's mu
}

type ringProcess struct {
	cmd    *exec.Cmd
	to     io.WriteCloser
	lines  *bufio.Reader
	errors tail
	once   sync.Once
}

// wait waits for the process to leave, whoever else waits for it.
func (p *ringProcess) wait() { p.once.Do(func() { _ = p.cmd.Wait() }) }

// ringGrace is how long a ring may take beside its measurements: much longer than it does, for machines that have other work.
const ringGrace = 2 * time.Minute

// ringLoad is what the members of a ring sum.
type ringLoad struct {
	sizes  []int // of buckets, bytes
	burst  int   // buckets at once; 0 is 1
	budget time.Duration
}

// measureRing starts a ring of processes, waits for its end and returns what its first member saw.
func (b *benching) measureRing(ctx context.Context, workers int, transport string, load ringLoad) (*bench.Ring, error) {
	most := ringGrace + time.Duration(2*len(load.sizes))*load.budget
	ctx, cancel := context.WithTimeout(ctx, most)
	defer cancel()
	r, err := b.awaitRing(ctx, workers, transport, load)
	if err != nil && errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return nil, fmt.Errorf("the ring of %d processes is not measured within %v; has the machine other work?", workers, most)
	}
	return r, err
}

func (b *benching) awaitRing(ctx context.Context, workers int, transport string, load ringLoad) (*bench.Ring, error) {
	defer b.ring.end()
	var members []*ringProcess
	err := b.make(func() (err error) {
		members, err = b.startRing(ctx, workers, transport, load)
		return err
	})
	if err != nil {
		return nil, err
	}
	addresses := make([]string, workers)
	for i, m := range members {
		line, err := m.read(i)
		if err != nil {
			return nil, err
		}
		addresses[i] = line
	}
	for i, m := range members {
		if _, err := fmt.Fprintln(m.to, addresses[(i+1)%workers]); err != nil {
			return nil, m.failure(i, err)
		}
	}
	line, err := members[0].read(0)
	if err != nil {
		return nil, err
	}
	r := &bench.Ring{Workers: workers, Transport: transport}
	if err := json.Unmarshal([]byte(line), &r.Sizes); err != nil {
		return nil, members[0].failure(0, err)
	}
	return r, nil
}

func (b *benching) startRing(ctx context.Context, workers int, transport string, load ringLoad) (members []*ringProcess, err error) {
	program, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("the path of this program: %w", err)
	}
	authority, err := identity.NewAuthority()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp(b.work.path, "ring-")
	if err != nil {
		return nil, fmt.Errorf("a directory for sockets and certificates: %w", err)
	}
	var texts []string
	for _, s := range load.sizes {
		texts = append(texts, strconv.Itoa(s))
	}
	for i := range workers {
		name := fmt.Sprintf("member-%d", i)
		p, err := authority.Write(dir, name, "127.0.0.1", "localhost")
		if err != nil {
			return nil, err
		}
		listen := "unix://" + filepath.Join(dir, name+".sock")
		if transport == "tcp" {
			listen = "tcp://127.0.0.1:0"
		}
		member, err := b.ring.start(ctx, i, program, "bench-member", "--self", strconv.Itoa(i), "--workers", strconv.Itoa(workers),
			"--listen", listen, "--sizes", strings.Join(texts, ","), "--burst", strconv.Itoa(max(1, load.burst)), "--budget", load.budget.String(),
			"--threads", strconv.Itoa(max(1, machine.Threads()/workers)), "--tls-ca", p.CA, "--tls-cert", p.Cert, "--tls-key", p.Key)
		if err != nil {
			return nil, err
		}
		members = append(members, member)
	}
	return members, nil
}

func (r *ringProcesses) start(ctx context.Context, i int, program string, argv ...string) (*ringProcess, error) {
	p := &ringProcess{cmd: exec.CommandContext(ctx, program, argv...)}
	p.cmd.Stderr = &p.errors
	failed := func(err error) error { return fmt.Errorf("the ring: starting member %d: %w", i, err) }
	var err error
	if p.to, err = p.cmd.StdinPipe(); err != nil {
		return nil, failed(err)
	}
	from, err := p.cmd.StdoutPipe()
	if err != nil {
		return nil, failed(err)
	}
	p.lines = bufio.NewReader(from)
	if err := r.family.start(p.cmd); err != nil {
		return nil, failed(err)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.list = append(r.list, p)
	return p, nil
}

// end kills the members and waits for them.
func (r *ringProcesses) end() {
	r.kill()
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, p := range r.list {
		p.wait()
	}
	r.list = nil
}

// read waits for the next line of a member.
func (p *ringProcess) read(i int) (string, error) {
	line, err := p.lines.ReadString('\n')
	if err != nil {
		return "", p.failure(i, err)
	}
	return strings.TrimSuffix(line, "\n"), nil
}

// failure is what went wrong with a member, in its own words if it has said any.
func (p *ringProcess) failure(i int, err error) error {
	if err == io.EOF { // it has left, and said why
		p.wait()
	}
	if words := strings.TrimPrefix(p.errors.text(), program.Name()+": "); words != "" {
		return fmt.Errorf("the ring: member %d: %s", i, words)
	}
	return fmt.Errorf("the ring: member %d: %w", i, err)
}

package main

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/rondo-ml/rondo/allreduce"
	"github.com/rondo-ml/rondo/coordinator/identity"
)

// work is a child's life: it listens, says where, hears where the next worker
// does, and measures.
func (o *options) work() error {
	runtime.GOMAXPROCS(o.procs)
	lanes := max(o.lanes, o.n)
	view, err := allreduce.EvenView(1, lanes, o.n)
	if err != nil {
		return err
	}
	wire, err := allreduce.ParseWire(o.wire)
	if err != nil {
		return err
	}
	connect := o.secured
	if o.links == "tcp" {
		connect = o.plain
	}
	next, prev, err := connect(view)
	if err != nil {
		return err
	}
	group, err := allreduce.NewGroup(view, o.child, next, prev, allreduce.WithWire(wire))
	if err != nil {
		return err
	}
	defer group.Close()
	sizes, err := numbers(o.mib)
	if err != nil {
		return err
	}
	m := &measurement{group: group, view: view, options: o}
	for _, mib := range sizes {
		n := mib << 18
		if mib == 0 {
			n = 1024
		}
		if err := m.size(n); err != nil {
			return err
		}
	}
	return nil
}

// exchange prints the own address and reads the next worker's.
func exchange(address string) (string, error) {
	fmt.Println(address)
	next, err := bufio.NewReader(os.Stdin).ReadString('\n')
	return strings.TrimSpace(next), err
}

// secured joins the workers as training does.
func (o *options) secured(view allreduce.View) (next, prev allreduce.Link, err error) {
	own := filepath.Join(o.dir, strconv.Itoa(o.child))
	creds, err := identity.Load(filepath.Join(own, "ca.pem"), filepath.Join(own, "worker.pem"), filepath.Join(own, "worker-key.pem"))
	if err != nil {
		return nil, nil, err
	}
	var opts []allreduce.LinkOption
	address := "unix://" + filepath.Join(own, "s")
	switch o.links {
	case "shm":
	case "unix":
		opts = append(opts, allreduce.WithoutSharedMemory())
	case "tls":
		address = "tcp://" + net.JoinHostPort(o.host, "0")
	default:
		return nil, nil, fmt.Errorf("link %q: want shm, unix, tcp or tls", o.links)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	l, err := allreduce.Listen(ctx, creds.Server(), []string{address}, opts...)
	if err != nil {
		return nil, nil, err
	}
	defer l.Close()
	to, err := exchange(l.Addresses()[0])
	if err != nil {
		return nil, nil, err
	}
	return allreduce.Connect(ctx, view, o.child, l, to, creds.Client(), allreduce.Hello{Run: "bench"}, opts...)
}

// plain joins them by TCP without TLS.
func (o *options) plain(view allreduce.View) (next, prev allreduce.Link, err error) {
	l, err := net.Listen("tcp", net.JoinHostPort(o.host, "0"))
	if err != nil {
		return nil, nil, err
	}
	defer l.Close()
	to, err := exchange(l.Addr().String())
	if err != nil {
		return nil, nil, err
	}
	out, err := net.Dial("tcp", to)
	if err != nil {
		return nil, nil, err
	}
	in, err := l.Accept()
	if err != nil {
		return nil, nil, err
	}
	return allreduce.NewNetLink(out, "next", allreduce.DefaultMaxPayload), allreduce.NewNetLink(in, "previous", allreduce.DefaultMaxPayload), nil
}

type measurement struct {
	group   *allreduce.Group
	view    allreduce.View
	options *options
	step    uint64
}

// size sums n numbers until time is up, and prints what it took.
func (m *measurement) size(n int) error {
	lo, hi := m.view.LanesOf(m.group.Self())
	gradients := make([][]float32, hi-lo)
	for l := range gradients {
		gradients[l] = make([]float32, n)
		for i := range gradients[l] {
			gradients[l][i] = float32(i%1000) + float32(lo+l)
		}
	}
	out := make([]float32, n)
	for range 2 { // memory is touched for the first time, buffers grow
		if _, err := m.once(gradients, out); err != nil {
			return err
		}
	}
	const batch = 8
	var times []float64
	runs := 0
	began, cpu := time.Now(), processTime()
	for more := true; more; {
		took := make([]float64, batch)
		runs += batch
		for i := range took {
			t, err := m.once(gradients, out)
			if err != nil {
				return err
			}
			took[i] = t
		}
		slowest, first, err := m.agree(append(took, time.Since(began).Seconds()))
		if err != nil {
			return err
		}
		if more = first[batch] < m.options.seconds.Seconds(); more || len(times) == 0 {
			times = append(times, slowest[:batch]...)
		}
	}
	spent, err := m.everybody(3, []float64{processTime() - cpu})
	if err != nil {
		return err
	}
	total := 0.0
	for w := range m.view.Workers() {
		total += spent[m.view.Starts[w]][0]
	}
	m.report(n, times, total/float64(runs))
	return check(out, m.view.Lanes)
}

// once is one sum, from a common start.
func (m *measurement) once(gradients [][]float32, out []float32) (float64, error) {
	m.step++
	if err := m.group.Barrier(m.step, 1); err != nil {
		return 0, err
	}
	at := time.Now()
	p, err := m.group.AllReduce(m.step, 0, gradients, out)
	if err == nil {
		err = p.Wait()
	}
	return time.Since(at).Seconds(), err
}

// agree gathers everybody's times: the greatest of each, and the first worker's.
func (m *measurement) agree(own []float64) (slowest, first []float64, err error) {
	all, err := m.everybody(2, own)
	if err != nil {
		return nil, nil, err
	}
	slowest = slices.Clone(own)
	for _, v := range all {
		for i := range v {
			slowest[i] = max(slowest[i], v[i])
		}
	}
	return slowest, all[0], nil
}

// everybody gathers each worker's numbers, by lane.
func (m *measurement) everybody(tag uint32, own []float64) ([][]float64, error) {
	lo, hi := m.view.LanesOf(m.group.Self())
	mine, all := make([][]float64, hi-lo), make([][]float64, m.view.Lanes)
	for i := range mine {
		mine[i] = own
	}
	for i := range all {
		all[i] = make([]float64, len(own))
	}
	return all, m.group.Gather(m.step, tag, mine, all)
}

func (m *measurement) report(n int, times []float64, cpu float64) {
	if m.group.Self() != 0 {
		return
	}
	slices.Sort(times)
	t, w := times[len(times)/2], float64(m.view.Workers())
	fmt.Printf("%s n=%d lanes=%d wire=%s bytes=%d us=%.1f cpu=%.1f bus=%.3fGB/s\n", m.options.links, m.view.Workers(), m.view.Lanes,
		m.options.wire, 4*n, 1e6*t, 1e6*cpu, float64(4*n)/t*2*(w-1)/w/1e9)
}

// check looks at the sum: every lane's number is i%1000 + lane.
func check(out []float32, lanes int) error {
	for i, got := range out {
		want := float32(lanes*(i%1000) + lanes*(lanes-1)/2)
		if d := got - want; d > want/64 || d < -want/64 {
			return fmt.Errorf("number %d is %v, want %v", i, got, want)
		}
	}
	return nil
}

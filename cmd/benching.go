package cmd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"

	"github.com/rondo-ml/rondo/cmd/bench"
	"github.com/rondo-ml/rondo/worker/machine"
)

// benching is one `rondo bench`.
type benching struct {
	options     benchOptions
	out, errout io.Writer
	work        workDir // sockets, certificates and texts
	ring        ringProcesses

	making sync.Mutex // held while files are made and processes started
	over   bool       // nothing more is to be made
}

// make runs f, which makes files or starts processes, unless the end has come.
func (b *benching) make(f func() error) error {
	b.making.Lock()
	defer b.making.Unlock()
	if b.over {
		return errStopped
	}
	return f()
}

var errStopped = errors.New("stopped by a signal")

// end ends what was started and removes what was made, for good.
func (b *benching) end() {
	b.making.Lock()
	defer b.making.Unlock()
	b.over = true
	b.ring.end()
	b.work.remove()
}

// run measures and prints. The first signal ends it at once: there is nothing to save.
func (b *benching) run(ctx context.Context, measure func(context.Context) (bench.Report, error)) error {
	ctx, cancel := onSignal(ctx, voice{w: b.errout}, b.work.remove)
	defer cancel()
	defer b.ring.followSuspension()()
	defer b.end()
	if err := b.work.make(workParents(), b.options.ring == "unix"); err != nil {
		return err
	}
	type end struct {
		report bench.Report
		err    error
	}
	ended := make(chan end, 1)
	go func() { // left to itself by a signal, in the midst of whatever it measures
		report, err := measure(ctx)
		ended <- end{report, err}
	}()
	select {
	case <-ctx.Done():
		b.tell("")
		return &exitError{exitStopped, errStopped}
	case e := <-ended:
		b.tell("")
		if e.err != nil {
			return e.err
		}
		return b.print(e.report)
	}
}

// measure measures the machine.
func (b *benching) measure(ctx context.Context) (r bench.Report, err error) {
	meter := bench.Meter{Budget: b.options.budget(), Cores: machine.Threads()}
	if b.options.measures("machine") || b.options.measures("kernels") {
		b.tell("the machine")
		m := meter.Machine()
		if l := machine.Here(); l.Limited() {
			m.Quota = l.String()
		}
		r.Machine = &m
	}
	if b.options.measures("kernels") {
		for _, c := range bench.Kernels() {
			b.tell(c.Name)
			r.Kernels = append(r.Kernels, meter.Kernel(c, *r.Machine))
		}
	}
	if b.options.measures("ring") {
		b.tell("the ring")
		r.Ring, err = b.measureRing(ctx, b.options.workers, b.options.ring, ringLoad{sizes: ringSizes, budget: b.options.ringBudget()})
	}
	return r, err
}

// ringSizes are the buckets of the ring, in bytes.
var ringSizes = []int{4 << 10, 1 << 20, 16 << 20, 64 << 20}

// tell shows on a terminal what is being measured; nothing wipes it away.
func (b *benching) tell(what string) {
	f := terminalOf(b.errout)
	if f == nil {
		return
	}
	if what != "" {
		what = "measuring " + what + " …"
	}
	fmt.Fprintf(f, "\r\x1b[K%s", what)
}

func (b *benching) print(r bench.Report) error {
	if b.options.json {
		return printJSON(b.out, r)
	}
	_, err := io.WriteString(b.out, reportText(r))
	return err
}

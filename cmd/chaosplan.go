package cmd

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"
)

// faultKinds are the faults that `rondo chaos` knows, and what each does.
var faultKinds = []struct{ name, about string }{
	{"kill", "SIGKILL of a worker"},
	{"two", "SIGKILL of two neighbours in the ring at once: the owner of some lanes and the one who keeps a copy of their states"},
	{"all", "SIGKILL of all workers at once"},
	{"stop", "SIGSTOP of a worker, and SIGCONT after 0.1 to 5 s"},
	{"cut", "a worker closes its connection to the next one in the ring"},
	{"term", "SIGTERM of a worker: it leaves in good order, and another comes in its place"},
	{"leave", "one worker less is asked for"},
	{"join", "one worker more is asked for"},
}

// usualFaults are those of a run that names none.
const usualFaults = "kill,stop,cut,term,leave,join"

// parseFaults reads a list of faults.
func parseFaults(text string) ([]string, error) {
	kinds := strings.Split(text, ",")
	for _, k := range kinds {
		if !slices.ContainsFunc(faultKinds, func(f struct{ name, about string }) bool { return f.name == k }) {
			var names []string
			for _, f := range faultKinds {
				names = append(names, f.name)
			}
			return nil, fmt.Errorf("--faults: %q is none; there are %s", k, strings.Join(names, ", "))
		}
	}
	return kinds, nil
}

// fault is one of a schedule.
type fault struct {
	after  time.Duration // since the fault before, or the first step
	kind   string
	victim uint64        // by its number in the ring, modulo their count
	frozen time.Duration // of stop
}

// faultPlan draws a schedule of faults from a seed. The same seed gives the same faults at the same times; at which
// moment of a step they come is the machine's.
type faultPlan struct {
	random *rand.Rand
	kinds  []string
	every  time.Duration
}

func newFaultPlan(seed uint64, kinds []string, every time.Duration) *faultPlan {
	return &faultPlan{rand.New(rand.NewPCG(seed, 0)), kinds, every}
}

// The freezes of stop: short ones, that nobody may be dismissed for, and long ones.
const (
	leastFrozen = 100 * time.Millisecond
	mostFrozen  = 5 * time.Second
)

// next draws the next fault. As many numbers are drawn for every kind.
func (p *faultPlan) next() fault {
	spread, kind, victim, frozen := p.random.Float64(), p.random.IntN(len(p.kinds)), p.random.Uint64(), p.random.Float64()
	return fault{
		after:  time.Duration((0.5 + spread) * float64(p.every)),
		kind:   p.kinds[kind],
		victim: victim,
		frozen: leastFrozen + time.Duration(frozen*float64(mostFrozen-leastFrozen)),
	}
}

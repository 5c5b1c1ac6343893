package worker

import (
	"math"
	"sync/atomic"

	"github.com/rondo-ml/rondo/tensor/ceiling"
)

// peak is what the worker's threads can do at most, floating-point operations a second. It is measured once, beside the wait
// for the first view, and touches nothing of the run.
type peak struct{ bits atomic.Uint64 }

// measure takes a few milliseconds of each thread.
func (p *peak) measure(cfg *Config) {
	of := cfg.outside.ceiling
	if of == nil {
		of = ceiling.Of
	}
	p.bits.Store(math.Float64bits(of(cfg.Threads)))
}

// speed is 0 before it is known.
func (p *peak) speed() float64 { return math.Float64frombits(p.bits.Load()) }

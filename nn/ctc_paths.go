package nn

import "github.com/rondo-ml/rondo/tensor"

// The states of a sequence are the symbols of its transcript with a blank before,
// between and behind them: state s is a blank where s is even, and symbol s/2
// where it is odd. A path stays in its state, goes on to the next, or jumps over a
// blank between two symbols that differ.

// ctcPaths are sums over the paths of one sequence.
type ctcPaths struct {
	states int

	// alpha[t][s] is the sum over the paths of steps 0 to t that end in state s.
	// Training remembers all t, inference two by turns.
	alpha [][]wide
	whole wide // the sum over all paths

	// ahead[s] is, of a step, the sum over what follows it from state s on;
	// entered[s] is the same of the step after it, that step's probability included.
	ahead, entered []wide
}

func newCTCPaths(steps, symbols int) ctcPaths {
	p, states := ctcPaths{alpha: make([][]wide, steps)}, 2*symbols+1
	for t := range p.alpha {
		p.alpha[t] = make([]wide, states)
	}
	p.ahead, p.entered = make([]wide, states), make([]wide, states)
	return p
}

// jumps says whether a path may enter state s from s-2.
func jumps(transcript []int32, s int) bool {
	return s%2 == 1 && s >= 3 && transcript[s/2] != transcript[s/2-1]
}

// forward returns the sum over all paths of a sequence with so many time steps, which are enough.
func (p *ctcPaths) forward(o *ctc, sequence int, transcript []int32, steps int) wide {
	p.states = 2*len(transcript) + 1
	p.whole = wide{m: 1} // without steps there is the empty path
	for t := range steps {
		row := o.at(t, sequence)
		now, was := p.alpha[t%len(p.alpha)][:p.states], p.alpha[(t+len(p.alpha)-1)%len(p.alpha)]
		blank := o.probability(row, 0)
		for s := range now {
			in := wide{}
			switch {
			case t > 0:
				in = was[s]
				if s >= 1 {
					in = in.plus(was[s-1])
				}
				if jumps(transcript, s) {
					in = in.plus(was[s-2])
				}
			case s < 2:
				in = wide{m: 1}
			}
			if s%2 == 0 {
				now[s] = in.times(blank)
			} else {
				now[s] = in.times(o.probability(row, transcript[s/2]))
			}
		}
		p.whole = now[p.states-1]
		if p.states > 1 {
			p.whole = p.whole.plus(now[p.states-2])
		}
	}
	return p.whole
}

// backward sets the gradient of a sequence's steps, or adds to it: factor times
//
//	softmax(logits[t])[v] - Σ over states s of symbol v: share of paths that are in s at t
func (p *ctcPaths) backward(o *ctc, sequence int, transcript []int32, steps int, factor float32) {
	ahead, entered := p.ahead[:p.states], p.entered[:p.states]
	for t := steps - 1; t >= 0; t-- {
		row := o.at(t, sequence)
		for s := range ahead {
			ahead[s] = wide{}
			switch {
			case t < steps-1:
				ahead[s] = entered[s]
				if s+1 < p.states {
					ahead[s] = ahead[s].plus(entered[s+1])
				}
				if s+2 < p.states && jumps(transcript, s+2) {
					ahead[s] = ahead[s].plus(entered[s+2])
				}
			case s >= p.states-2:
				ahead[s] = wide{m: 1}
			}
		}
		p.gradient(o, row, p.alpha[t], transcript, factor)
		blank := o.probability(row, 0)
		for s := range entered {
			if s%2 == 0 {
				entered[s] = ahead[s].times(blank)
			} else {
				entered[s] = ahead[s].times(o.probability(row, transcript[s/2]))
			}
		}
	}
}

// gradient is that of one step.
func (p *ctcPaths) gradient(o *ctc, row int, alpha []wide, transcript []int32, factor float32) {
	d, all := o.dx.Row(row), factor/o.sum.Data[row]
	if o.fresh {
		tensor.Scale(d, o.exps(row), all)
	} else {
		tensor.Axpy(d, all, o.exps(row))
	}
	blanks := 0.0
	for s, a := range p.ahead[:p.states] {
		share := a.share(alpha[s], p.whole)
		if s%2 == 0 {
			blanks += share
		} else {
			d[transcript[s/2]] -= float32(factor * float32(share))
		}
	}
	d[0] -= float32(factor * float32(blanks))
}

package nn

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

	emitted []wide // see probabilities
}

func newCTCPaths(steps, symbols int) ctcPaths {
	p, states := ctcPaths{alpha: make([][]wide, steps)}, 2*symbols+1
	for t := range p.alpha {
		p.alpha[t] = make([]wide, states)
	}
	p.ahead, p.entered, p.emitted = make([]wide, states), make([]wide, states), make([]wide, symbols+1)
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
		now, was := p.alpha[t%len(p.alpha)][:p.states], p.alpha[(t+len(p.alpha)-1)%len(p.alpha)][:p.states]
		p.probabilities(o, o.at(t, sequence), transcript)
		for s := range now {
			in := wide{}
			switch {
			case t == 0 && s < 2:
				in = wide{m: 1}
			case t == 0:
			case s == 0:
				in = was[0]
			case jumps(transcript, s):
				in = sum3(was[s], was[s-1], was[s-2])
			default:
				in = was[s].plus(was[s-1])
			}
			now[s] = in.times(p.probability(s))
		}
		p.whole = now[p.states-1]
		if p.states > 1 {
			p.whole = p.whole.plus(now[p.states-2])
		}
	}
	return p.whole
}

// probabilities are those of a step: of the blank, then of each symbol of the transcript.
func (p *ctcPaths) probabilities(o *ctc, row int, transcript []int32) {
	p.emitted[0] = o.probability(row, 0)
	for i, v := range transcript {
		p.emitted[1+i] = o.probability(row, v)
	}
}

// probability is that of what a path writes in state s.
func (p *ctcPaths) probability(s int) wide {
	if s%2 == 0 {
		return p.emitted[0]
	}
	return p.emitted[1+s/2]
}

// backward sets the gradient of a sequence's steps, or adds to it: factor times
//
//	softmax(logits[t])[v] - Σ over states s of symbol v: share of paths that are in s at t
func (p *ctcPaths) backward(o *ctc, sequence int, transcript []int32, steps int, factor float32) {
	ahead, entered := p.ahead[:p.states], p.entered[:p.states]
	for t := steps - 1; t >= 0; t-- {
		row := o.at(t, sequence)
		for s := range ahead {
			switch {
			case t == steps-1 && s >= p.states-2:
				ahead[s] = wide{m: 1}
			case t == steps-1:
				ahead[s] = wide{}
			case s == p.states-1:
				ahead[s] = entered[s]
			case s < p.states-2 && jumps(transcript, s+2):
				ahead[s] = sum3(entered[s], entered[s+1], entered[s+2])
			default:
				ahead[s] = entered[s].plus(entered[s+1])
			}
		}
		p.gradient(o, row, p.alpha[t], transcript, factor)
		p.probabilities(o, row, transcript)
		for s := range entered {
			entered[s] = ahead[s].times(p.probability(s))
		}
	}
}

// gradient is that of one step.
func (p *ctcPaths) gradient(o *ctc, row int, alpha []wide, transcript []int32, factor float32) {
	d, all := o.dx.Row(row), factor/o.sum.Data[row]
	setOrAdd(d, all, o.exps(row), o.fresh)
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

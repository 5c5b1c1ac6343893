package zoo

import (
	"fmt"

	"github.com/rondo-ml/rondo/nn"
)

// Hold keeps one unit of a hidden state at a value while a model reads and writes: behind each byte the state is
// overwritten, and the next one is read from there. The logits behind a byte are told before that: an h that is held acts
// through what the layers carry alone. So Radford et al. (2017) had their model write reviews that are for or
// against what they review.
type Hold struct {
	State string // as [nn.PickState] has it: "rnn.c_l0", or "c", "h" or nothing for one of the last layer
	Unit  int
	Value float32
}

// HoldError is what is wrong with a hold.
type HoldError struct {
	Hold
	Err error
}

func (e *HoldError) Error() string { return fmt.Sprintf("hold %d=%g: %v", e.Unit, e.Value, e.Err) }

func (e *HoldError) Unwrap() error { return e.Err }

// held is a hold and the state that it is of.
type held struct {
	Hold
	state *nn.State
}

// holds finds the states of holds. What is wrong is a [HoldError].
func (s *Sampler) holds(list []Hold) (found []held, err error) {
	for _, h := range list {
		state, err := s.stateOf(h.State)
		if err != nil {
			return nil, &HoldError{h, err}
		}
		if h.Unit < 0 || h.Unit >= state.Width {
			return nil, &HoldError{h, fmt.Errorf("%s has %d units, from 0 on", state.Name, state.Width)}
		}
		for _, before := range found {
			if before.Unit == h.Unit && before.state == state {
				return nil, &HoldError{h, fmt.Errorf("the unit is held at %g already", before.Value)}
			}
		}
		found = append(found, held{h, state})
	}
	return found, nil
}

func (s *Sampler) stateOf(name string) (*nn.State, error) {
	var names []string
	for _, state := range s.States.List {
		names = append(names, state.Name)
	}
	at, err := nn.PickState(names, name)
	if err != nil {
		return nil, err
	}
	return s.States.List[at], nil
}

// apply overwrites the unit.
func (h held) apply() { h.state.Lane(0)[h.Unit] = h.Value }

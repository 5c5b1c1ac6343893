package zoo

import (
	"errors"
	"fmt"
	"strings"

	"github.com/rondo-ml/rondo/nn"
)

// Hold keeps one unit of a hidden state at a value while a model reads and writes: behind each byte the state is
// overwritten, and the next one is read from there. So Radford et al. (2017) had their model write reviews that are for or
// against what they review.
type Hold struct {
	State string // its name, as "rnn.c_l0"; "c" or "h": the first state of that kind
	Unit  int
	Value float32
}

// held is a hold and the state that it is of.
type held struct {
	Hold
	state *nn.State
}

// holds finds the states of holds.
func (s *Sampler) holds(list []Hold) (found []held, err error) {
	for _, h := range list {
		state, err := s.stateOf(h.State)
		if err != nil {
			return nil, err
		}
		if h.Unit < 0 || h.Unit >= state.Width {
			return nil, fmt.Errorf("unit %d: %s has %d, from 0 on", h.Unit, state.Name, state.Width)
		}
		found = append(found, held{h, state})
	}
	return found, nil
}

func (s *Sampler) stateOf(name string) (*nn.State, error) {
	var names []string
	for _, state := range s.States.List {
		if state.Name == name || len(name) == 1 && strings.Contains(state.Name, "."+name+"_") {
			return state, nil
		}
		names = append(names, state.Name)
	}
	if names == nil {
		return nil, errors.New("the model carries no state from one byte to the next, so no unit of it can be held")
	}
	return nil, fmt.Errorf("the model has no state %q to hold a unit of; its states are %s", name, strings.Join(names, ", "))
}

// apply overwrites the unit.
func (h held) apply() { h.state.Lane(0)[h.Unit] = h.Value }

package zoo

import (
	"fmt"

	"github.com/rondo-ml/rondo/nn"
)

// Hold keeps one unit of a hidden state at a value while a model reads and writes ([nn.State.Hold]): each byte's step ends
// with it. An h that is held is what the layers above, the logits behind that byte and the step of the next byte see; a c acts
// from the next byte on, as the memory that its step begins with. So Radford et al. (2017) had their model write reviews
// that are for or against what they review.
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

// hold has the states keep units. What is wrong is a [HoldError].
func (s *Sampler) hold(list []Hold) error {
	of := make([]*nn.State, len(list))
	for i, h := range list {
		state, err := s.stateOf(h.State)
		if err != nil {
			return &HoldError{h, err}
		}
		if h.Unit < 0 || h.Unit >= state.Width {
			return &HoldError{h, fmt.Errorf("%s has %d units, from 0 on", state.Name, state.Width)}
		}
		for k, before := range list[:i] {
			if before.Unit == h.Unit && of[k] == state {
				return &HoldError{h, fmt.Errorf("the unit is held at %g already", before.Value)}
			}
		}
		of[i] = state
		state.Hold(h.Unit, h.Value)
	}
	return nil
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

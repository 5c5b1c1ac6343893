package nn

import (
	"strings"
	"testing"
)

func TestPickState(t *testing.T) {
	lstm, gru := []string{"rnn.h_l0", "rnn.c_l0", "rnn.h_l1", "rnn.c_l1"}, []string{"rnn.h_l0", "rnn.h_l1"}
	for _, c := range []struct {
		names      []string
		name, want string // the state, or what is wrong
	}{
		{lstm, "", "rnn.c_l1"},
		{lstm, "c", "rnn.c_l1"},
		{lstm, "h", "rnn.h_l1"},
		{lstm, "rnn.c_l0", "rnn.c_l0"},
		{lstm, "x", `no state "x"; its states are rnn.h_l0, rnn.c_l0, rnn.h_l1, rnn.c_l1`},
		{lstm, "l1", `no state "l1"`}, // a part of a name is none
		{gru, "", "rnn.h_l1"},
		{gru, "h", "rnn.h_l1"},
		{gru, "c", `no state "c"; its states are rnn.h_l0, rnn.h_l1`},
		{nil, "", "carries no state"},
		{nil, "c", "carries no state"},
	} {
		at, err := PickState(c.names, c.name)
		switch {
		case err != nil && !strings.Contains(err.Error(), c.want):
			t.Errorf("%q of %v: %v, want %s", c.name, c.names, err, c.want)
		case err == nil && c.names[at] != c.want:
			t.Errorf("%q of %v is %s, want %s", c.name, c.names, c.names[at], c.want)
		}
	}
}

package nn

import "testing"

// A tape of some lanes sees their part of the states, and the next state
// becomes current when the step is committed.
func TestStates(t *testing.T) {
	states := NewStates(3, 2)
	st := states.Add("h", 4)
	if states.Add("h", 4) != st {
		t.Fatal("the same name gives another state")
	}
	for i := range st.Current {
		st.Current[i], st.Next[i] = float32(i), -float32(i)
	}
	tape := NewTape(NewParams(), nil, Shape{Steps: 1, Lanes: 2, Rows: 2}, Inference, 0)
	tape.Begin(0, 11, 1)
	in, out := st.In(tape), st.Out(tape)
	if in.Rows != 4 || in.Cols != 4 || in.Row(0)[0] != 8 || out.Row(3)[3] != -23 {
		t.Errorf("lanes 1 and 2 are %v and %v", in, out)
	}
	if lane := st.Lane(2); len(lane) != 8 || lane[0] != 16 {
		t.Errorf("lane 2 is %v", lane)
	}
	states.Commit()
	if st.In(tape).Row(0)[0] != -8 {
		t.Error("the next state did not become current")
	}
	states.Zero()
	if st.Lane(2)[0] != 0 || st.Next[1] != 1 {
		t.Error("Zero clears more or less than the current state")
	}
}

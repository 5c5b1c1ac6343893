package cmd

import (
	"bytes"
	"context"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rondo-ml/rondo/nn/zoo"
)

func TestParseHolds(t *testing.T) {
	got, err := parseHolds([]string{"388=1.5", "0=-2"}, "c")
	if want := []zoo.Hold{{State: "c", Unit: 388, Value: 1.5}, {State: "c", Unit: 0, Value: -2}}; err != nil || !slices.Equal(got, want) {
		t.Errorf("%v, %v, want %v", got, err, want)
	}
	for _, text := range []string{"", "3", "3=", "=1", "a=1", "3=NaN", "3=1e99", "3=1,4=2"} {
		if _, err := parseHolds([]string{text}, "c"); err == nil {
			t.Errorf("%q: no error", text)
		}
	}
}

// writes runs `rondo sample`.
func writes(t *testing.T, words ...string) (status int, out string) {
	t.Helper()
	var b bytes.Buffer
	status = Execute(t.Context(), append([]string{"sample"}, words...), &b, &b)
	return status, b.String()
}

// A unit that is held is one of the last layer, as a probe has it, and what is written is what the library writes with it.
func TestSampleHolds(t *testing.T) {
	dir := newModel(t, nil, "model.kind=charlm", "model.cell=mlstm", "model.layers=2", "model.hidden=8", "model.embed=4", "batch.length=8")
	m, path, err := findCheckpoint(dir)
	if err != nil {
		t.Fatal(err)
	}
	model, err := loadWriter(path, m)
	if err != nil {
		t.Fatal(err)
	}
	const prime, length, seed = "\n a", 300, 5
	holds := func(state string) (list []zoo.Hold) {
		for unit := range 8 {
			list = append(list, zoo.Hold{State: state, Unit: unit, Value: 40})
		}
		return list
	}
	written := func(list ...zoo.Hold) string {
		text, err := zoo.Sample(model, []byte(prime), length, 1, seed, list...)
		if err != nil {
			t.Fatal(err)
		}
		return prime + string(text) + "\n"
	}
	words := []string{dir, "--review", "--prime", "a", "--length", "300", "--temperature", "1", "--seed", "5"}
	free := written()
	if status, out := writes(t, words...); status != 0 || out != free {
		t.Fatalf("%d %q, want %q", status, out, free)
	}
	for unit := range 8 {
		words = append(words, "--hold", string(rune('0'+unit))+"=40")
	}
	seen := []string{free}
	for _, state := range []string{"rnn.c_l1", "rnn.h_l1", "rnn.c_l0"} {
		want := written(holds(state)...)
		if slices.Contains(seen, want) {
			t.Errorf("%s: held or not, the text is the same", state)
		}
		seen = append(seen, want)
		named := []string{"--hold-state", state}
		for _, more := range map[string][][]string{"rnn.c_l1": {named, nil, {"--hold-state", "c"}}, "rnn.h_l1": {named, {"--hold-state", "h"}}, "rnn.c_l0": {named}}[state] {
			if status, out := writes(t, slices.Concat(words, more)...); status != 0 || out != want {
				t.Errorf("%s by %v: %d %q, want %q", state, more, status, out, want)
			}
		}
	}
}

// failing is an output that takes so many bytes.
type failing struct{ left int }

func (f *failing) Write(b []byte) (int, error) {
	if f.left -= len(b); f.left < 0 {
		return 0, syscall.EPIPE
	}
	return len(b), nil
}

// What is written comes while it is written, stays when that is interrupted, and ends where nobody reads it. To write all would take days.
func TestSampleStreams(t *testing.T) {
	dir := newModel(t, nil, "model.kind=charlm", "model.hidden=8", "model.embed=4", "batch.length=8")
	_, whole := writes(t, dir, "--prime", "abc", "--length", "100")
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	out, errout := &stopAfter{text: strings.TrimSuffix(whole, "\n"), stop: cancel}, &bytes.Buffer{}
	words := []string{"sample", dir, "--prime", "abc", "--length", "9000000000"}
	if status := Execute(ctx, words, out, errout); status != exitStopped || !strings.HasSuffix(out.String(), "\n") || !strings.Contains(errout.String(), "interrupted") {
		t.Errorf("%d, %d bytes, %s", status, out.Len(), errout)
	}
	errout.Reset()
	if status := Execute(t.Context(), words, &failing{100}, errout); status != exitFailed || errout.Len() > 0 {
		t.Errorf("%d, %s", status, errout)
	}
}

// A character is written whole.
func TestSlowText(t *testing.T) {
	var b bytes.Buffer
	s := &slowText{w: &b}
	for i, want := range []string{"a", "a", "a\u00e9", "a\u00e9", "a\u00e9\xff"} {
		s.last = time.Time{}
		if s.add("a\xc3\xa9\xe2\xff"[i]); b.String() != want && i != 4 {
			t.Errorf("%d: %q, want %q", i, b.String(), want)
		}
	}
	if s.flush(true); b.String() != "a\u00e9\xe2\xff" {
		t.Errorf("%q", b.String())
	}
}

func TestSampleRefusals(t *testing.T) {
	dir := newModel(t, nil, "model.kind=charlm", "model.hidden=8", "model.embed=4", "batch.length=8")
	for want, words := range map[string][]string{
		"--prime is empty; give a text":                              {"--prime", ""},
		"--hold-state without --hold":                                {"--hold-state", "c"},
		"--hold 999=1: rnn.c_l0 has 8 units, from 0 on":              {"--hold", "999=1"},
		"--hold 3=2: the unit is held at 1.5 already":                {"--hold", "3=1.5", "--hold", "3=2"},
		`--hold 3=1: the network has no state "x"; its states are r`: {"--hold", "3=1", "--hold-state", "x"},
		"--temperature +Inf: a number":                               {"--temperature", "inf"},
		`--hold "3": UNIT=VALUE is wanted`:                           {"--hold", "3"},
		`--hold "3=NaN": the value NaN is not finite; give a number`: {"--hold", "3=NaN"},
		`--hold "3=1e99": the value 1e99 is not finite`:              {"--hold", "3=1e99"},
	} {
		status, out := writes(t, append([]string{dir}, words...)...)
		if status != 2 || !strings.Contains(out, want) {
			t.Errorf("%v: %d %s, want %q", words, status, out, want)
		}
	}
	if status, out := writes(t, dir, "--review", "--length", "0"); status != 0 || out != "\n \n" {
		t.Errorf("a review begins with %q (%d)", out, status)
	}
}

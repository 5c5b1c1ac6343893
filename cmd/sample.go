package cmd

import (
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"github.com/rondo-ml/rondo/data/reviews"
	"github.com/rondo-ml/rondo/nn/zoo"
)

func newSample() *cobra.Command {
	var (
		prime       string
		length      int
		temperature float64
		seed        uint64
		hold        []string
		holdState   string
		review      bool
	)
	c := &cobra.Command{
		Use:   "sample DIR",
		Short: "Let a trained model write",
		Long: `Loads the newest checkpoint in DIR (or the checkpoint that DIR is, or its 0.npy to 14.npy), reads the prime text and goes on
from there, one byte at a time. The same arguments give the same text.

--review begins a review as those of the command shard reviews begin: a newline and a space
stand before the prime, which may be left out then.

--hold UNIT=VALUE keeps a unit of the state at a value: in each byte's step, those of the
prime too, it is overwritten. If the unit tells whether a review is for or against what
it reviews, what the model writes is so. --hold-state says of which state it is: c, the
memory of the last layer, h, its output, or a name as rnn.c_l0. An h that is held is what
the layers above, the next byte's odds and the next step see; a c is what the next step
begins with, so it acts from the next byte on.`,
		Example: `  rondo sample runs/go-source --prime 'func main() {' --length 400 --temperature 0.5
  rondo sample runs/reviews-1024 --review --hold 388=1.5 --temperature 0.4`,
		Args: oneDirectory,
		RunE: func(c *cobra.Command, a []string) error {
			switch {
			case length < 0:
				return &usageError{fmt.Errorf("--length %d: at least 0", length)}
			case !(temperature >= 0) || math.IsInf(temperature, 0): // NaN too
				return &usageError{fmt.Errorf("--temperature %g: a number, at least 0", temperature)}
			case c.Flags().Changed("hold-state") && len(hold) == 0:
				return &usageError{errors.New("--hold-state without --hold; name a unit and its value, as --hold 388=1.5")}
			case prime == "" && !review:
				return &usageError{errors.New("--prime is empty; give a text to go on from, or --review for the beginning of a review")}
			case review && !c.Flags().Changed("prime"):
				prime = reviews.Front
			case review:
				prime = reviews.Front + prime
			}
			holds, err := parseHolds(hold, holdState)
			if err != nil {
				return &usageError{err}
			}
			m, dir, err := findWriter(a[0])
			if err != nil {
				return err
			}
			model, err := loadWriter(dir, m)
			if err != nil {
				return err
			}
			return writeSample(c, model, prime, length, temperature, seed, holds)
		},
	}
	f := c.Flags()
	f.StringVar(&prime, "prime", "\n", "text to go on from")
	f.BoolVar(&review, "review", false, "begin a review: a newline and a space stand before --prime")
	f.IntVar(&length, "length", 500, "bytes to write")
	f.Float64Var(&temperature, "temperature", 0.7, "0 takes the likeliest; higher is bolder")
	f.Uint64Var(&seed, "seed", 1, "another seed, another text")
	f.StringArrayVar(&hold, "hold", nil, "`UNIT=VALUE`: keep a unit of the state at a value (may be given several times)")
	f.StringVar(&holdState, "hold-state", "", "`STATE` that the units of --hold are of: c, h, or its name; empty: the memory (c) of the last layer, or h where it has none")
	return c
}

// writeSample prints the prime, and what the model writes while it does. A pipe that is closed, or a signal, ends it.
func writeSample(c *cobra.Command, model *zoo.Network, prime string, length int, temperature float64, seed uint64, holds []zoo.Hold) error {
	ctx, cancel := onSignal(c.Context(), voice{w: c.ErrOrStderr()}, func() {})
	defer cancel()
	out := &slowText{w: c.OutOrStdout(), text: []byte(prime)}
	err := zoo.SampleEach(out.add, func() bool { return ctx.Err() != nil || out.closed }, model, []byte(prime), length, temperature, seed, holds...)
	var bad *zoo.HoldError
	switch {
	case err == nil:
		out.add('\n')
		out.flush(true)
		return nil
	case !errors.Is(err, zoo.ErrStopped) && errors.As(err, &bad):
		return &usageError{fmt.Errorf("--%w", bad)}
	case !errors.Is(err, zoo.ErrStopped):
		return &usageError{err}
	case ctx.Err() == nil: // that the output failed is told at the end
		return nil
	}
	out.add('\n')
	out.flush(true)
	return &exitError{exitStopped, errors.New("interrupted; what was written till then stays")}
}

// slowText is a text that is written while it is made: what has come in a twentieth of a second at once.
type slowText struct {
	w      io.Writer
	text   []byte // not written yet
	last   time.Time
	closed bool // nobody reads it any more
}

func (t *slowText) add(c byte) {
	t.text = append(t.text, c)
	if now := time.Now(); now.Sub(t.last) > 50*time.Millisecond {
		t.flush(false)
		t.last = now
	}
}

// flush writes what there is. Unless all is wanted it keeps back a character whose last bytes have not come, so that a terminal never shows a
// part of one.
func (t *slowText) flush(all bool) {
	n := len(t.text)
	if !all {
		for back := 1; back <= min(n, utf8.UTFMax-1); back++ {
			if rest := t.text[n-back:]; utf8.RuneStart(rest[0]) {
				if !utf8.FullRune(rest) {
					n -= back
				}
				break
			}
		}
	}
	_, err := t.w.Write(t.text[:n])
	if o, ok := t.w.(*output); ok && err == nil {
		err = o.failure()
	}
	t.closed = err != nil
	t.text = append(t.text[:0], t.text[n:]...)
}

// parseHolds reads units and values, as 388=1.5.
func parseHolds(texts []string, state string) (list []zoo.Hold, err error) {
	for _, text := range texts {
		unit, value, ok := strings.Cut(text, "=")
		n, errUnit := strconv.Atoi(unit)
		v, errValue := strconv.ParseFloat(value, 32)
		switch {
		case ok && errUnit == nil && (v-v != 0 || errors.Is(errValue, strconv.ErrRange)):
			return nil, fmt.Errorf("--hold %q: the value %s is not finite; give a number, as 388=1.5", text, value)
		case !ok || errUnit != nil || errValue != nil:
			return nil, fmt.Errorf("--hold %q: UNIT=VALUE is wanted, as 388=1.5", text)
		}
		list = append(list, zoo.Hold{State: state, Unit: n, Value: float32(v)})
	}
	return list, nil
}

// sampleText is the sample at the end of a run.
func sampleText(dir string) (string, error) {
	m, dir, err := findCheckpoint(dir)
	if err != nil {
		return "", err
	}
	model, err := loadWriter(dir, m)
	if err != nil {
		return "", err
	}
	const length, temperature = 320, 0.6
	text, err := zoo.Sample(model, []byte("\n"), length, temperature, 1)
	return string(text), err
}

// indent sets text off from what stands around it, with control characters made visible.
func indent(text string) string {
	lines := strings.Split(string(visible([]byte(strings.TrimSpace(text)))), "\n")
	return "    " + strings.Join(lines, "\n    ")
}

package cmd

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

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
			case !(temperature >= 0): // NaN too
				return &usageError{fmt.Errorf("--temperature %g: at least 0", temperature)}
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
			text, err := zoo.Sample(model, []byte(prime), length, temperature, seed, holds...)
			var bad *zoo.HoldError
			switch {
			case errors.As(err, &bad):
				return &usageError{fmt.Errorf("--%w", bad)}
			case err != nil:
				return &usageError{err}
			}
			fmt.Fprintf(c.OutOrStdout(), "%s%s\n", prime, text)
			return nil
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

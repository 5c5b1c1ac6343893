package cmd

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/rondo-ml/rondo/cmd/program"
	"github.com/rondo-ml/rondo/nn/task"
	"github.com/rondo-ml/rondo/nn/zoo"
	"github.com/rondo-ml/rondo/worker"
	"github.com/rondo-ml/rondo/worker/checkpoint"
)

func newSample() *cobra.Command {
	var (
		prime       string
		length      int
		temperature float64
		seed        uint64
	)
	c := &cobra.Command{
		Use:   "sample DIR",
		Short: "Let a trained model write",
		Long: `Loads the newest checkpoint in DIR (or the checkpoint that DIR is), reads the prime text and goes on
from there, one byte at a time. The same arguments give the same text.`,
		Example: `  rondo sample runs/go-source --prime 'func main() {' --length 400 --temperature 0.5`,
		Args:    oneDirectory,
		RunE: func(c *cobra.Command, a []string) error {
			switch {
			case length < 0:
				return &usageError{fmt.Errorf("--length %d: at least 0", length)}
			case !(temperature >= 0): // NaN too
				return &usageError{fmt.Errorf("--temperature %g: at least 0", temperature)}
			}
			m, dir, err := findCheckpoint(a[0])
			if err != nil {
				return err
			}
			model, err := loadWriter(dir, m)
			if err != nil {
				return err
			}
			text, err := zoo.Sample(model, []byte(prime), length, temperature, seed)
			if err != nil {
				return &usageError{err}
			}
			fmt.Fprintf(c.OutOrStdout(), "%s%s\n", prime, text)
			return nil
		},
	}
	f := c.Flags()
	f.StringVar(&prime, "prime", "\n", "text to go on from")
	f.IntVar(&length, "length", 500, "bytes to write")
	f.Float64Var(&temperature, "temperature", 0.7, "0 takes the likeliest; higher is bolder")
	f.Uint64Var(&seed, "seed", 1, "another seed, another text")
	return c
}

// loadWriter loads a model that can write.
func loadWriter(dir string, m *checkpoint.Manifest) (*zoo.Network, error) {
	f, err := worker.FileOf(m)
	if err != nil {
		return nil, err
	}
	if f.Task.Kind != task.Next {
		return nil, fmt.Errorf("%s holds a %s, which writes no text (task.kind = %s); `%s eval` measures it", dir, f.Model.Kind, f.Task.Kind, program.Name())
	}
	return worker.LoadModel(dir, m)
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
	text, err := zoo.Sample(model, nil, length, temperature, 1)
	return string(text), err
}

// indent sets text off from what stands around it, with control characters made visible.
func indent(text string) string {
	lines := strings.Split(string(visible([]byte(strings.TrimSpace(text)))), "\n")
	return "    " + strings.Join(lines, "\n    ")
}

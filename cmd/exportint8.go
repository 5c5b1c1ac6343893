package cmd

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/rondo-ml/rondo/nn/onnx"
	"github.com/rondo-ml/rondo/nn/task"
	"github.com/rondo-ml/rondo/worker"
)

// int8Flags are those of a network in eight bits.
type int8Flags struct {
	on      bool
	data    string  // samples that ranges are found by
	samples int     // of them
	share   float64 // of values that a range holds
	entropy bool    // ranges by how values are spread, instead
}

func (o *int8Flags) add(c *cobra.Command) {
	f := c.Flags()
	f.BoolVar(&o.on, "int8", false, "convolutions and dense layers in eight bits, by ranges of --calibrate")
	f.StringVar(&o.data, "calibrate", "", "`SET` of samples that ranges are found by: shards, or generated images")
	f.IntVar(&o.samples, "samples", 512, "how many samples of the set, drawn by the run's seed")
	f.Float64Var(&o.share, "share", 0.9999, "of the values that a range holds: what lies far out is cut off; 1: all")
	f.BoolVar(&o.entropy, "entropy", false, "in place of --share: ranges whose levels tell least wrong how values are spread")
	_ = c.MarkFlagDirname("calibrate")
}

func (o *int8Flags) check(f *pflag.FlagSet) error {
	for _, name := range []string{"calibrate", "samples", "share", "entropy"} {
		if !o.on && f.Changed(name) {
			return &usageError{fmt.Errorf("--%s is about ranges for eight bits; give --int8, too", name)}
		}
	}
	switch {
	case !o.on:
		return nil
	case o.data == "":
		return &usageError{errors.New("--int8 needs --calibrate SET: samples that show how large values are, as shards/valid")}
	case o.samples < 1:
		return &usageError{fmt.Errorf("--samples %d: at least 1", o.samples)}
	case o.entropy && f.Changed("share"):
		return &usageError{errors.New("--entropy and --share are two ways to find ranges; give one of them")}
	case !(o.share > 0.5 && o.share <= 1):
		return &usageError{fmt.Errorf("--share %v: above 0.5 and at most 1", o.share)}
	}
	return wantPlace("--calibrate", o.data)
}

// calibrate finds the ranges of a model's values. Without --int8 there are none.
func (o *int8Flags) calibrate(e *exported) (*onnx.Calibration, error) {
	if !o.on {
		return nil, nil
	}
	f := e.file
	if f.Task.Kind == task.Next {
		return nil, fmt.Errorf("--int8: a %s goes on with texts, and is not calibrated; only convolutions and dense layers of networks of samples are", f.Model.Kind)
	}
	p, err := e.predictor()
	if err != nil {
		return nil, err
	}
	set, err := p.Open(o.data)
	if err != nil {
		return nil, fmt.Errorf("--calibrate: %w", err)
	}
	c := onnx.NewEntropyCalibration()
	if !o.entropy {
		if c, err = onnx.NewCalibration(o.share); err != nil {
			return nil, err
		}
	}
	for range c.Passes() {
		if err := p.Observe(worker.Drawn(set, f.Seed, o.samples), c.Record, c.Rows); err != nil {
			return nil, fmt.Errorf("--calibrate %s: %w", o.data, err)
		}
	}
	if err := c.Err(); err != nil {
		return nil, fmt.Errorf("--calibrate %s: %w", o.data, err)
	}
	return c, nil
}

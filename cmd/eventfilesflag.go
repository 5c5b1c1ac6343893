package cmd

import "github.com/spf13/pflag"

// addTensorBoard adds the flag for event files.
func addTensorBoard(f *pflag.FlagSet, to *string) {
	f.StringVar(to, "tensorboard", "", "`DIR` for an event file of steps, evaluations and the run file, which TensorBoard reads")
}

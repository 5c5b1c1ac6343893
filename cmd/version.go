package cmd

import (
	"fmt"
	"runtime"

	"github.com/spf13/cobra"

	"github.com/rondo-ml/rondo/cmd/program"
	"github.com/rondo-ml/rondo/coordinator/api"
	"github.com/rondo-ml/rondo/tensor"
)

func newVersion() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version, the numbers of the protocol and of the arithmetic, and the instruction set in use",
		Args:  args(0, 0, "nothing"),
		RunE: func(c *cobra.Command, _ []string) error {
			if name := program.Name(); name != program.Usual {
				fmt.Fprintf(c.OutOrStdout(), "%s: ", name)
			}
			fmt.Fprintf(c.OutOrStdout(), "rondo %s, protocol %d, bits %d, %s %s/%s, kernels %s\n",
				api.Version(), api.Protocol, api.Bits, runtime.Version(), runtime.GOOS, runtime.GOARCH, tensor.Tier())
			return nil
		},
	}
}

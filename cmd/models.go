package cmd

import (
	"fmt"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/rondo-ml/rondo/nn/zoo"
)

func newModels() *cobra.Command {
	return &cobra.Command{
		Use:   "models",
		Short: "List the zoo: what model.kind may be, and the fields of each",
		Args:  args(0, 0, "nothing"),
		RunE: func(c *cobra.Command, _ []string) error {
			w := tabwriter.NewWriter(c.OutOrStdout(), 0, 0, 2, ' ', 0)
			for _, k := range zoo.Kinds() {
				fmt.Fprintf(w, "%s\t%s (task %s)\n", k.Kind, k.About, k.Task)
				config := k.Config()
				for _, f := range k.Fields {
					fmt.Fprintf(w, "  model.%s\t%s\t%s; default %s\n", f.Name, f.About, f.Allowed(config), f.Text(config))
				}
			}
			return w.Flush()
		},
	}
}

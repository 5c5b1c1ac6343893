package cmd

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/rondo-ml/rondo/nn/zoo"
)

func newModels() *cobra.Command {
	return &cobra.Command{
		Use:   "models [KIND]",
		Short: "List the zoo: what model.kind may be, and the fields of each",
		Long: `Lists the kinds of models with their fields, or one KIND. Fields that all kinds have, as model.weights and
model.freeze, are in what rondo train --print-config prints. What the tasks are: rondo tasks.`,
		Args: args(0, 1, "one kind of model or none"),
		ValidArgsFunction: func(_ *cobra.Command, given []string, _ string) ([]string, cobra.ShellCompDirective) {
			if len(given) > 0 {
				return nil, cobra.ShellCompDirectiveNoFileComp
			}
			return zoo.Names(), cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(c *cobra.Command, a []string) error {
			kinds := zoo.Kinds()
			if len(a) > 0 {
				info, ok := zoo.Lookup(a[0])
				if !ok {
					return &usageError{fmt.Errorf("there is no kind of model %q; there are %s", a[0], strings.Join(zoo.Names(), ", "))}
				}
				kinds = []zoo.Info{info}
			}
			return printModels(c.OutOrStdout(), kinds)
		},
	}
}

func printModels(out io.Writer, kinds []zoo.Info) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, k := range kinds {
		fmt.Fprintf(w, "%s\t%s (task %s)\n", k.Kind, k.About, k.Task)
		config := k.Config()
		for _, f := range k.Fields {
			fmt.Fprintf(w, "  model.%s\t%s\t%s; %s\n", f.Name, f.About, f.Allowed(config), defaultText(f.Text(config)))
		}
	}
	return w.Flush()
}

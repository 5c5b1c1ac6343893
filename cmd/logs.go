package cmd

import (
	"bytes"
	"errors"
	"strconv"

	"github.com/spf13/cobra"
)

// maxLogPods is what kubectl may follow at once: a coordinator, its standby, etcd and a worker for every lane of a large run.
const maxLogPods = 1024

func newLogs() *cobra.Command {
	var (
		kube   kubeFlags
		follow bool
		tail   int
	)
	c := &cobra.Command{
		Use:   "logs --context NAME [POD…]",
		Short: "Show what coordinators and workers in Kubernetes say",
		Long: `Shows the last lines of all pods of a run in a Kubernetes cluster, or of those named, each line with its pod, by kubectl and
with your rights. What a run on this machine says is in the directory logs of its checkpoint.dir.`,
		Example: `  rondo logs --context kind-kind --follow`,
		RunE: func(c *cobra.Command, pods []string) error {
			if follow && len(pods) > 1 {
				return wrongUsage(c, errors.New("--follow takes one POD, or none for all"))
			}
			args := []string{"logs", "--all-containers", "--prefix", "--ignore-errors", "--tail", strconv.Itoa(tail)}
			if follow {
				args = append(args, "--follow")
			}
			if len(pods) == 0 {
				return kube.logs(c, append(args, "--selector", kubeAll, "--max-log-requests", strconv.Itoa(maxLogPods)))
			}
			for _, pod := range pods {
				if err := kube.logs(c, append(args, pod)); err != nil {
					return err
				}
			}
			return nil
		},
	}
	kube.add(c)
	_ = c.MarkFlagRequired("context")
	c.Flags().BoolVarP(&follow, "follow", "f", false, "go on showing what comes, of all pods or of one")
	c.Flags().IntVar(&tail, "tail", 20, "last `LINES` of each; -1: all")
	return c
}

// logs passes on what kubectl shows.
func (k *kubeFlags) logs(c *cobra.Command, args []string) error {
	show, err := k.command(c.Context(), args...)
	if err != nil {
		return err
	}
	var said bytes.Buffer
	show.Stdout, show.Stderr = c.OutOrStdout(), &said
	if err := show.Run(); err != nil {
		if c.Context().Err() != nil { // Ctrl-C
			return nil
		}
		return k.kubeError(err, said.String())
	}
	return nil
}

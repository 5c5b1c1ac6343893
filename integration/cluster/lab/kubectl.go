package lab

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
)

// Kubectl runs kubectl as the administrator and returns what it printed.
func (c *Cluster) Kubectl(ctx context.Context, args ...string) (string, error) {
	return c.KubectlWith(ctx, "", args...)
}

// KubectlWith gives it text as standard input, for -f -.
func (c *Cluster) KubectlWith(ctx context.Context, text string, args ...string) (string, error) {
	var out, errs bytes.Buffer
	k := exec.CommandContext(ctx, c.bins.Path("kubectl"), args...)
	k.Env = append(os.Environ(), "KUBECONFIG="+c.Kubeconfig("admin"))
	k.Stdin, k.Stdout, k.Stderr = strings.NewReader(text), &out, &errs
	if err := k.Run(); err != nil {
		return out.String(), fmt.Errorf("kubectl %s: %w\n%s", strings.Join(args, " "), err, errs.String())
	}
	return out.String(), nil
}

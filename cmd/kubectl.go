package cmd

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"os/exec"
	"regexp"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
)

// What a coordinator in Kubernetes has, as the manifests say.
const (
	kubeCoordinators = "app.kubernetes.io/name=rondo,app.kubernetes.io/component=coordinator"
	kubeAll          = "app.kubernetes.io/name=rondo"
	kubeNamespace    = "rondo"
	kubeJoinPort     = 8781
	kubeStatusPort   = 8780
)

// kubeFlags reach the pods of a cluster by kubectl, with the user's own kubeconfig and rights.
type kubeFlags struct{ context, namespace string }

func (k *kubeFlags) add(c *cobra.Command) {
	c.Flags().StringVar(&k.context, "context", "", "`NAME` of a context of your kubeconfig: asks the run in that Kubernetes cluster, by kubectl")
	c.Flags().StringVar(&k.namespace, "namespace", "", "`NAME` of the namespace, with --context; without it that of the manifests in k8s/")
}

// check refuses a namespace of no cluster: what is asked would be another run, on this machine.
func (k *kubeFlags) check() error {
	if k.namespace != "" && k.context == "" {
		return errors.New("--namespace goes with --context NAME")
	}
	return nil
}

// command is a call of kubectl.
func (k *kubeFlags) command(ctx context.Context, args ...string) (*exec.Cmd, error) {
	k.namespace = cmp.Or(k.namespace, kubeNamespace)
	kubectl, err := exec.LookPath("kubectl")
	if err != nil {
		return nil, fmt.Errorf("--context needs kubectl on the PATH: %w", err)
	}
	return exec.CommandContext(ctx, kubectl, append([]string{"--context", k.context, "--namespace", k.namespace}, args...)...), nil
}

// output is what kubectl prints.
func (k *kubeFlags) output(ctx context.Context, args ...string) (string, error) {
	c, err := k.command(ctx, args...)
	if err != nil {
		return "", err
	}
	var out, said bytes.Buffer
	c.Stdout, c.Stderr = &out, &said
	if err := c.Run(); err != nil {
		return "", k.kubeError(err, said.String())
	}
	return out.String(), nil
}

// kubeError is what kubectl said when it failed.
func (k *kubeFlags) kubeError(err error, said string) error {
	if said = strings.TrimSpace(said); said == "" {
		said = err.Error()
	}
	return fmt.Errorf("context %s, namespace %s: kubectl: %s", k.context, k.namespace, said)
}

// coordinators are the running pods that coordinate.
func (k *kubeFlags) coordinators(ctx context.Context) ([]string, error) {
	out, err := k.output(ctx, "get", "pods", "--selector", kubeCoordinators, "--field-selector", "status.phase=Running", "--output", "name")
	if err != nil {
		return nil, err
	}
	pods := strings.Fields(out)
	if len(pods) == 0 {
		return nil, fmt.Errorf("context %s, namespace %s: no coordinator is running (pods with %s)", k.context, k.namespace, kubeCoordinators)
	}
	return pods, nil
}

var forwarding = regexp.MustCompile(`^Forwarding from (127\.0\.0\.1:\d+) -> `)

// forward makes a port of a pod an address of this machine, until stop is called.
func (k *kubeFlags) forward(ctx context.Context, pod string, port int) (addr string, stop func(), err error) {
	ctx, cancel := context.WithCancel(ctx)
	c, err := k.command(ctx, "port-forward", "--address", "127.0.0.1", pod, ":"+strconv.Itoa(port))
	if err != nil {
		cancel()
		return "", nil, err
	}
	var said bytes.Buffer
	c.Stderr = &said
	out, err := c.StdoutPipe()
	if err == nil {
		err = c.Start()
	}
	if err != nil {
		cancel()
		return "", nil, k.kubeError(err, "")
	}
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if m := forwarding.FindStringSubmatch(lines.Text()); m != nil {
			return m[1], func() { cancel(); _ = c.Wait() }, nil
		}
	}
	err = c.Wait()
	cancel()
	if err == nil {
		err = errors.New("it ended before it forwarded anything")
	}
	return "", nil, k.kubeError(err, said.String())
}

// secret reads a key of a Secret.
func (k *kubeFlags) secret(ctx context.Context, name, key string) ([]byte, error) {
	out, err := k.output(ctx, "get", "secret", name, "--output", "jsonpath={.data."+key+"}")
	if err != nil {
		return nil, err
	}
	text, err := base64.StdEncoding.DecodeString(out)
	if err != nil || len(text) == 0 {
		return nil, fmt.Errorf("context %s, namespace %s: the Secret %s has no %s", k.context, k.namespace, name, key)
	}
	return text, nil
}

// each forwards the port of one coordinator after the other, until ask is content.
func (k *kubeFlags) each(ctx context.Context, port int, ask func(addr string) (content bool, err error)) error {
	pods, err := k.coordinators(ctx)
	if err != nil {
		return err
	}
	var failed error
	for _, pod := range pods {
		addr, stop, err := k.forward(ctx, pod, port)
		if err != nil {
			failed = err
			continue
		}
		content, err := ask(addr)
		stop()
		if content {
			return err
		}
		if err != nil {
			failed = fmt.Errorf("%s: %w", pod, err)
		}
	}
	return failed
}

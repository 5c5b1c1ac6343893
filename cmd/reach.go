package cmd

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/rondo-ml/rondo/coordinator/identity"
)

// operatorSecret holds, under the key token, the token by which operators steer a run in Kubernetes.
const operatorSecret = "rondo-operator-token"

// steerFlags say which run is steered, and by whom.
type steerFlags struct {
	tls       tlsFlags
	tokenFile string
	addrs     []string // of one cluster's coordinators
	run       string
	kube      kubeFlags
}

func (s *steerFlags) add(c *cobra.Command) {
	s.tls.add(c)
	addTokenFile(c, &s.tokenFile)
	s.kube.add(c)
	addressesVar(c.Flags(), &s.addrs, "coordinator", "`HOST:PORT` of a coordinator of a cluster: the first that answers is asked")
	c.Flags().StringVar(&s.run, "run", "", "`NAME` of a run on this machine")
	c.MarkFlagsMutuallyExclusive("coordinator", "run", "context")
}

// far says whether the run is a cluster's.
func (s *steerFlags) far() bool { return len(s.addrs) > 0 || s.kube.context != "" }

// reach finds coordinators, any of which can be asked, and how they are asked. Calling done gives up the way to them.
func (s *steerFlags) reach(c *cobra.Command) (addrs []string, creds *identity.Credentials, done func(), err error) {
	if err := s.check(); err != nil {
		return nil, nil, nil, wrongUsage(c, err)
	}
	switch done = func() {}; {
	case s.kube.context != "":
		var addr string
		if addr, done, err = s.forward(c.Context()); err == nil {
			addrs, creds, err = s.operator(c, []string{addr})
		}
	case len(s.addrs) > 0:
		addrs, creds, err = s.operator(c, s.addrs)
	default:
		var local *localRun
		if local, err = findLocalRun(s.run); err == nil {
			addrs = []string{local.Address}
			creds, err = local.credentials()
		}
	}
	if err != nil && done != nil {
		done()
	}
	return addrs, creds, done, s.explain(err)
}

func (s *steerFlags) check() error {
	if err := s.kube.check(); err != nil {
		return err
	}
	switch {
	case !s.far() && (!s.tls.none() || s.tokenFile != ""):
		return errors.New("--token-file, --tls-ca, --tls-cert and --tls-key go with --coordinator HOST:PORT, or with --context NAME")
	case s.tokenFile != "" && !s.tls.none():
		return errors.New("a token and own certificates exclude each other: leave out --token-file, or --tls-ca, --tls-cert and --tls-key")
	case len(s.addrs) > 0 && s.tokenFile == "" && s.tls.none():
		return errors.New("--coordinator goes with --token-file FILE, or with --tls-ca, --tls-cert and --tls-key")
	}
	return nil
}

// forward opens a way to a coordinator in Kubernetes. Any will do: those that stand by pass on what they are asked.
func (s *steerFlags) forward(ctx context.Context) (addr string, stop func(), err error) {
	pods, err := s.kube.coordinators(ctx)
	if err != nil {
		return "", nil, err
	}
	for _, pod := range pods {
		if addr, stop, err = s.kube.forward(ctx, pod, kubeJoinPort); err == nil {
			return addr, stop, nil
		}
	}
	return "", nil, err
}

// operator is what the coordinators are shown, and those of them that know it.
func (s *steerFlags) operator(c *cobra.Command, addrs []string) ([]string, *identity.Credentials, error) {
	log := slog.New(slog.NewTextHandler(c.ErrOrStderr(), nil))
	switch {
	case s.tokenFile != "":
		return joinOnce(c.Context(), addrs, s.tokenFile, log)
	case s.tls.none():
		return s.bySecret(c.Context(), addrs, log)
	}
	creds, err := s.tls.load()
	if err != nil {
		return nil, nil, err
	}
	warnOfReaders(log, "tls-key", s.tls.key)
	if err := creds.Permit(identity.MaySteer); err != nil {
		return nil, nil, &usageError{fmt.Errorf("--tls-cert: %w", err)}
	}
	return addrs, creds, nil
}

// bySecret joins by the token of the cluster's Secret, which lies in a file as long as that takes.
func (s *steerFlags) bySecret(ctx context.Context, addrs []string, log *slog.Logger) ([]string, *identity.Credentials, error) {
	text, err := s.kube.secret(ctx, operatorSecret, "token")
	if err != nil {
		return nil, nil, fmt.Errorf("%w; or give an operator's token: --token-file FILE", err)
	}
	dir, err := os.MkdirTemp("", "rondo-operator-") // of mode 0700
	if err != nil {
		return nil, nil, err
	}
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, "token")
	if err := os.WriteFile(file, text, 0o600); err != nil {
		return nil, nil, err
	}
	return joinOnce(ctx, addrs, file, log)
}

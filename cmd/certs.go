package cmd

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/rondo-ml/rondo/cmd/program"
	"github.com/rondo-ml/rondo/coordinator/identity"
)

// certsAsked is what `rondo certs` is to make.
type certsAsked struct {
	dir     string
	hosts   []string
	workers []string // names; empty: one certificate for all workers
	days    int
}

func newCerts() *cobra.Command {
	var o certsAsked
	c := &cobra.Command{
		Use:   "certs --out DIR",
		Short: "Make the certificates of a cluster as files (rondo token does without)",
		Long: `Makes an authority, and certificates for coordinators, workers and operators: files for --tls-ca, --tls-cert and --tls-key.
Where DIR holds an authority already, that one issues them anew: so certificates are renewed and workers added. Processes
take up new files by themselves. All expire together with the authority; then make a new one in another directory.

ca-key.pem makes certificates that the whole cluster trusts: keep it where nobody else reads it, and copy it to no machine
of the cluster. One certificate serves all workers; with --worker each has one of its own, and cannot pose as another.`,
		Example: `  rondo certs --out certs
  rondo certs --out certs --worker worker-0 --worker worker-1`,
		Args: args(0, 0, "nothing"),
		RunE: func(c *cobra.Command, _ []string) error {
			if o.days < 1 || o.days > 36500 {
				return &usageError{fmt.Errorf("--days %d: from 1 to 36500", o.days)}
			}
			if err := wantPath("--out", o.dir); err != nil {
				return err
			}
			return o.make(c.OutOrStdout())
		},
	}
	f := c.Flags()
	f.StringVarP(&o.dir, "out", "o", "", "`DIR` of the files; nobody else may enter it")
	f.StringSliceVar(&o.hosts, "hosts", nil, "further `NAMES` and addresses in all certificates, for tools that look at them; Rondo does not")
	f.StringArrayVar(&o.workers, "worker", nil, "`NAME` of a worker that gets a certificate of its own (may be given several times)")
	f.IntVar(&o.days, "days", 365, "how long a new authority and its certificates are valid")
	_ = c.MarkFlagRequired("out")
	_ = c.MarkFlagDirname("out")
	return c
}

// make writes the files and says what they are.
func (o *certsAsked) make(w io.Writer) error {
	authority, err := o.authority()
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "authority    %s (its key: %s), until %s\n", filepath.Join(o.dir, identity.AuthorityCert), filepath.Join(o.dir, identity.AuthorityKey),
		authority.Expires().UTC().Format(time.DateOnly))
	type process struct{ what, name, role string }
	all := []process{{"coordinator", "coordinator", identity.CoordinatorRole}, {"operator", "operator", identity.OperatorRole}}
	if len(o.workers) == 0 {
		all = append(all, process{"any worker", "worker", identity.WorkerRole})
	}
	for _, name := range o.workers {
		if name == "coordinator" || name == "operator" || name == "ca" {
			return &usageError{fmt.Errorf("--worker %s: the file of that name is another's", name)}
		}
		all = append(all, process{"worker", name, identity.NamedWorker(name)})
	}
	for _, p := range all {
		files, err := authority.Write(o.dir, p.name, append([]string{p.role}, o.hosts...)...)
		if err != nil {
			return fmt.Errorf("%s certs: %w", program.Name(), err)
		}
		fmt.Fprintf(w, "%-11s  %s\n", p.what, shellText("--tls-ca", files.CA, "--tls-cert", files.Cert, "--tls-key", files.Key))
	}
	return nil
}

// authority is the one whose files are in the directory, or a new one.
func (o *certsAsked) authority() (*identity.Authority, error) {
	keyPath, certPath := filepath.Join(o.dir, identity.AuthorityKey), filepath.Join(o.dir, identity.AuthorityCert)
	key, err := os.ReadFile(keyPath)
	if errors.Is(err, os.ErrNotExist) {
		if _, err := os.Stat(certPath); err == nil {
			return nil, fmt.Errorf("%s is there without %s, the key that it issues certificates by: bring the key, or name another directory by --out", certPath, keyPath)
		}
		a, err := identity.NewLastingAuthority(time.Duration(o.days) * 24 * time.Hour)
		if err != nil {
			return nil, err
		}
		return a, a.WriteAuthority(o.dir)
	}
	if err != nil {
		return nil, err
	}
	cert, err := os.ReadFile(certPath)
	if err != nil {
		return nil, err
	}
	a, err := identity.ParseAuthority(append(cert, key...))
	if err != nil {
		return nil, fmt.Errorf("%s and %s: %w", certPath, keyPath, err)
	}
	if !time.Now().Before(a.Expires()) {
		return nil, fmt.Errorf("the authority of %s expired at %s: make another one in a new directory, and give the cluster its files",
			certPath, a.Expires().UTC().Format(time.RFC3339))
	}
	return a, nil
}

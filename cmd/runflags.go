package cmd

import (
	"github.com/spf13/cobra"

	"github.com/rondo-ml/rondo/coordinator/identity"
	"github.com/rondo-ml/rondo/coordinator/runfile"
)

// runFlags are the flags of every command that reads a run file.
type runFlags struct {
	set    []string
	resume bool
}

func (r *runFlags) add(c *cobra.Command) {
	r.addSet(c)
	c.Flags().BoolVar(&r.resume, "resume", false, "go on from the newest checkpoint in checkpoint.dir")
}

// addSet adds the flags of a command that looks at a run file and starts nothing.
func (r *runFlags) addSet(c *cobra.Command) {
	c.Flags().StringArrayVar(&r.set, "set", nil, "override one field, as `batch.lanes=4` (may be given several times)")
}

func (r *runFlags) load(path string) (*runfile.File, error) {
	f, err := runfile.Load(path, r.set)
	if err == nil {
		err = f.CheckLists(r.set)
	}
	if err != nil {
		return nil, &usageError{err}
	}
	return f, nil
}

// tlsFlags name the certificates of a process in a cluster.
type tlsFlags struct{ ca, cert, key string }

func (t *tlsFlags) add(c *cobra.Command) {
	f := c.Flags()
	f.StringVar(&t.ca, "tls-ca", "", "`FILE` of the authority that signed everybody's certificate (PEM)")
	f.StringVar(&t.cert, "tls-cert", "", "`FILE` of this process's certificate (PEM)")
	f.StringVar(&t.key, "tls-key", "", "`FILE` of its key (PEM)")
	for _, name := range []string{"tls-ca", "tls-cert", "tls-key"} {
		_ = c.MarkFlagFilename(name)
	}
}

// none says that there are no files: a token takes their place.
func (t *tlsFlags) none() bool { return t.ca == "" && t.cert == "" && t.key == "" }

func (t *tlsFlags) load() (*identity.Credentials, error) {
	creds, err := identity.Load(t.ca, t.cert, t.key)
	if err != nil {
		return nil, &usageError{err}
	}
	return creds, nil
}

package cmd

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/rondo-ml/rondo/coordinator"
	"github.com/rondo-ml/rondo/coordinator/identity"
)

// etcdFlags say where the etcd of the record is and how to speak to it.
type etcdFlags struct {
	endpoints          []string
	tls                bool
	ca, cert, key      string
	user, passwordFile string
	wait               time.Duration // of a coordinator
}

func (e *etcdFlags) add(c *cobra.Command) {
	f := c.Flags()
	f.StringSliceVar(&e.endpoints, "etcd", nil, "`HOST:PORT` of an etcd (several: with commas between, or given several times)")
	f.BoolVar(&e.tls, "etcd-tls", true, "speak TLS to etcd; its certificate must be for the host in --etcd, and without --etcd-ca of the authority of --tls-ca")
	f.StringVar(&e.ca, "etcd-ca", "", "`FILE` of the authority that signed etcd's certificate (PEM)")
	f.StringVar(&e.cert, "etcd-cert", "", "`FILE` of the certificate to show to etcd (PEM), with --etcd-ca; without, that of --tls-cert")
	f.StringVar(&e.key, "etcd-key", "", "`FILE` of its key (PEM)")
	f.StringVar(&e.user, "etcd-user", "", "`NAME` of a user of etcd")
	f.StringVar(&e.passwordFile, "etcd-password-file", "", "`FILE` that holds the user's password")
	for _, name := range []string{"etcd-ca", "etcd-cert", "etcd-key", "etcd-password-file"} {
		_ = c.MarkFlagFilename(name)
	}
}

// config reads the files, and warns of what lets others see what is secret.
func (e *etcdFlags) config(own *identity.Credentials, log *slog.Logger) (coordinator.EtcdConfig, error) {
	c := coordinator.EtcdConfig{Endpoints: e.endpoints, User: e.user, Wait: e.wait}
	if err := e.validate(); err != nil {
		return c, err
	}
	var err error
	switch {
	case len(e.endpoints) == 0:
		return c, nil
	case !e.tls:
		log.Warn("--etcd-tls=false: whoever sees the network between here and etcd can read and change the record, the gossip key in it " +
			"and a password included; do so only where that is this machine alone")
	case e.ca == "" && own == nil:
		return c, errors.New("--etcd needs --etcd-ca FILE, the authority of etcd's certificate: there is no --tls-ca in its place (or --etcd-tls=false, where etcd is on this machine)")
	case e.ca == "":
		c.TLS = own.Client()
	default:
		if c.TLS, err = identity.Foreign(e.ca, e.cert, e.key, own); err != nil {
			return c, fmt.Errorf("--etcd-ca, --etcd-cert, --etcd-key: %w", err)
		}
	}
	if e.key != "" {
		warnOfReaders(log, "etcd-key", e.key)
	}
	if e.passwordFile != "" {
		warnOfReaders(log, "etcd-password-file", e.passwordFile)
		c.Password, err = readPassword(e.passwordFile)
	}
	return c, err
}

// validate says which flags do not go together.
func (e *etcdFlags) validate() error {
	switch {
	case len(e.endpoints) == 0 && (e.ca != "" || e.cert != "" || e.key != "" || e.user != "" || e.passwordFile != ""):
		return errors.New("--etcd-ca, --etcd-cert, --etcd-key, --etcd-user and --etcd-password-file go with --etcd HOST:PORT")
	case e.wait < 0:
		return fmt.Errorf("--etcd-wait %v: want a time from 0 on", e.wait)
	case !e.tls && (e.ca != "" || e.cert != "" || e.key != ""):
		return errors.New("--etcd-tls=false does not go with --etcd-ca, --etcd-cert and --etcd-key")
	case (e.cert == "") != (e.key == "") || (e.cert != "" && e.ca == ""):
		return errors.New("--etcd-cert and --etcd-key go together, and with --etcd-ca")
	case (e.user == "") != (e.passwordFile == ""):
		return errors.New("--etcd-user and --etcd-password-file go together")
	}
	return nil
}

// maxPassword bounds the file of a password.
const maxPassword = 4096

// readPassword reads a password without the end of its line.
func readPassword(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", fmt.Errorf("--etcd-password-file: %w", err)
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxPassword+1))
	if err != nil {
		return "", fmt.Errorf("--etcd-password-file: %w", err)
	}
	password := strings.TrimRight(string(text), "\r\n")
	if password == "" || len(text) > maxPassword {
		return "", fmt.Errorf("--etcd-password-file: %s has %d bytes: want a password of up to %d", path, len(text), maxPassword)
	}
	return password, nil
}

package cmd

import (
	"cmp"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/rondo-ml/rondo/cmd/program"
	"github.com/rondo-ml/rondo/coordinator/enrol"
	"github.com/rondo-ml/rondo/coordinator/token"
)

// joinFlags are the flags of a process that gets its certificate by a token.
type joinFlags struct {
	addresses []string
	file      string
}

func (j *joinFlags) add(c *cobra.Command) {
	addressesVar(c.Flags(), &j.addresses, "join", "`HOST:PORT` of a coordinator to join with --token-file, in the place of --coordinator and certificates")
	addTokenFile(c, &j.file)
}

func addTokenFile(c *cobra.Command, file *string) {
	c.Flags().StringVar(file, "token-file", "", "`FILE` that holds a token, as `rondo token create` prints it")
	_ = c.MarkFlagFilename("token-file")
}

// given says whether a token is to be used.
func (j *joinFlags) given() bool { return len(j.addresses) > 0 || j.file != "" }

// check says which flags do not go together.
func (j *joinFlags) check(tls *tlsFlags) error {
	switch {
	case !j.given() && tls.none():
		return fmt.Errorf("no way to prove who this is: give --join HOST:PORT and --token-file FILE (%s token create makes one), or --tls-ca, --tls-cert and --tls-key", program.Name())
	case j.given() && !tls.none():
		return errors.New("a token and own certificates exclude each other: leave out --join and --token-file, or --tls-ca, --tls-cert and --tls-key")
	case j.given() && len(j.addresses) == 0:
		return errors.New("--token-file goes with --join HOST:PORT, a coordinator's address")
	case j.given() && j.file == "":
		return fmt.Errorf("--join goes with --token-file FILE; %s token create makes a token", program.Name())
	}
	return nil
}

// member joins by the token, as the process of a name.
func (j *joinFlags) member(name string, log *slog.Logger) *enrol.Member {
	return &enrol.Member{Addresses: j.addresses, Name: name, Log: log, Token: func() (token.Token, error) { return readToken(j.file) }}
}

// readToken reads the first token of a file.
func readToken(path string) (token.Token, error) {
	tokens, err := token.ReadFile(path)
	if err != nil {
		return token.Token{}, fmt.Errorf("--token-file: %w", err)
	}
	return tokens[0], nil
}

// ownName is the name of a worker that was given none: that of its host, and a part that no other has.
func ownName() string {
	host, _ := os.Hostname()
	return cmp.Or(nameOf(host), "worker") + "-" + strings.ToLower(rand.Text()[:4])
}

// nameOf makes of a host's name the beginning of a worker's; empty: nothing in it can be.
func nameOf(host string) string {
	host = strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' || r == '.' {
			return r
		}
		return '-'
	}, host)
	return strings.TrimLeft(host[:min(len(host), 60)], "-.")
}

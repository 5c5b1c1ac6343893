package cmd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/rondo-ml/rondo/cmd/program"
	"github.com/rondo-ml/rondo/coordinator"
	"github.com/rondo-ml/rondo/coordinator/enrol"
	"github.com/rondo-ml/rondo/coordinator/identity"
	"github.com/rondo-ml/rondo/coordinator/token"
)

func newToken() *cobra.Command {
	c := group(&cobra.Command{
		Use:   "token",
		Short: "Make, list and revoke the tokens by which processes join a cluster",
		Long: `A token lets its holder join the coordinators of a record: it proves a secret, and gets a certificate that is renewed for as
long as the process lives and the token is not revoked. So it is needed once, and can expire soon. The record is the one that the
coordinators are given: --etcd, or --record-dir on the coordinator's machine. They need not run, and need not be told. Or a
coordinator that runs is asked, with an operator's token or certificate (--coordinator, --context): the record of --embed-etcd
is open to its coordinator alone, and the first operator's token is then that of --operator-token-file.

ID.SECRET.HASH is its text: the ID is public, the hash is that of the cluster's authority.`,
	})
	c.AddCommand(newTokenCreate(), newTokenList(), newTokenRevoke())
	return c
}

func newTokenCreate() *cobra.Command {
	var (
		from tokenFlags
		n    coordinator.NewToken
		role string
		out  string
	)
	c := &cobra.Command{
		Use:   "create",
		Short: "Make a token, and the cluster's authority where there is none yet",
		Long: `Prints the token alone on stdout, or writes it to a file that only you may read (--out). Where the record has no authority yet, one is made, so that this may come before the
first coordinator.`,
		Example: `  rondo token create --out token
  rondo worker run.yaml --join coordinator.example:8781 --token-file token
  rondo token create --role operator --ttl 720h --etcd etcd.example:2379 --etcd-ca etcd-ca.pem
  rondo token create --uses 4 --coordinator coordinator.example:8781 --token-file operator-token`,
		Args: args(0, 0, "nothing"),
		RunE: func(c *cobra.Command, _ []string) error {
			n.Role = token.Role(role)
			if err := n.Validate(); err != nil {
				return &usageError{err}
			}
			return from.with(c, func(ctx context.Context, t tokens) error {
				made, err := t.Create(ctx, n)
				if err != nil {
					return err
				}
				until := "it does not expire"
				if n.Life > 0 {
					until = "it expires at " + time.Now().Add(n.Life).UTC().Format(time.RFC3339)
				}
				if n.Uses > 0 {
					until += fmt.Sprintf(", and lets %d join", n.Uses)
				}
				fmt.Fprintf(c.ErrOrStderr(), "token %s for a process of role %s; %s. Keep it secret: %s token revoke %s ends it\n", made.ID, n.Role, until, program.Name(), made.ID)
				if out != "" {
					if err := identity.WritePrivate(out, []byte(made.Text()+"\n")); err != nil {
						return fmt.Errorf("--out: %w", err)
					}
					return nil
				}
				_, err = fmt.Fprintln(c.OutOrStdout(), made.Text())
				return err
			})
		},
	}
	from.add(c)
	f := c.Flags()
	f.DurationVar(&n.Life, "ttl", 24*time.Hour, "how long others can join by it; 0: until it is revoked. Those who have joined stay")
	f.StringVar(&role, "role", string(token.Worker), "what its holder may be: worker, or operator")
	f.StringVarP(&out, "out", "o", "", "`FILE` for the token, with mode 0600; empty: standard output")
	f.StringVar(&n.About, "description", "", "`TEXT` for the list")
	f.IntVar(&n.Uses, "uses", 0, "so many workers may join by it, each as often as it likes under its name; 0: any number")
	return c
}

func newTokenList() *cobra.Command {
	var from tokenFlags
	c := &cobra.Command{
		Use:   "list",
		Short: "List the tokens of the record, those too that expired within a week or were revoked within a year",
		Long: `Shows no secret. A coordinator that is asked lists those of its --token-file and --operator-token-file, too; the record knows them only
when they are revoked.`,
		Args: args(0, 0, "nothing"),
		RunE: func(c *cobra.Command, _ []string) error {
			return from.with(c, func(ctx context.Context, t tokens) error {
				all, err := t.Tokens(ctx)
				if err != nil {
					return err
				}
				return printTokens(c.OutOrStdout(), all, time.Now())
			})
		},
	}
	from.add(c)
	return c
}

func printTokens(w io.Writer, all []token.Record, now time.Time) error {
	if len(all) == 0 {
		_, err := fmt.Fprintln(w, "no tokens")
		return err
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "id\trole\tstate\tjoined\tcreated\texpires\tdescription")
	for _, r := range all {
		expires := "never"
		if !r.Expires.IsZero() {
			expires = r.Expires.UTC().Format(time.RFC3339)
		}
		joined := "-" // not counted
		if r.Uses > 0 {
			joined = fmt.Sprintf("%d of %d", r.Used, r.Uses)
		}
		created := "-" // of a file
		if !r.Created.IsZero() {
			created = r.Created.UTC().Format(time.RFC3339)
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s\t%q\n", r.ID, r.Role, r.State(now), joined, created, expires, r.About)
	}
	return t.Flush()
}

func newTokenRevoke() *cobra.Command {
	var (
		from   tokenFlags
		ofFile bool
	)
	c := &cobra.Command{
		Use:   "revoke ID",
		Short: "Have nobody join by a token any more, and no certificate that came by it be renewed",
		Long: `Processes that have joined stay until their certificates are over (--cert-ttl of the coordinator): then no ring takes them. A token of
a coordinator's --token-file is revoked by its ID, too, for all coordinators of the record and whatever their files hold: by a coordinator
that is asked and has it in a file, or in the record with --of-file.`,
		Example: `  rondo token revoke wq3kd7ma
  rondo token revoke first --of-file --etcd etcd.example:2379
  rondo token revoke first --coordinator coordinator.example:8781 --token-file operator-token`,
		Args: args(1, 1, "one token's ID"),
		RunE: func(c *cobra.Command, given []string) error {
			return from.with(c, func(ctx context.Context, t tokens) error {
				err := t.Revoke(ctx, given[0])
				if trust, here := t.(*coordinator.Trust); here && ofFile && errors.Is(err, enrol.ErrUnknown) {
					err = trust.RevokeOfFile(ctx, given[0], token.Worker)
				}
				if errors.Is(err, enrol.ErrUnknown) {
					return fmt.Errorf("%w in the record; %s token list shows them. One of a coordinator's --token-file: --of-file, or ask that coordinator (--coordinator)", err, program.Name())
				}
				if err == nil {
					fmt.Fprintf(c.OutOrStdout(), "token %s is revoked\n", given[0])
				}
				return err
			})
		},
	}
	from.add(c)
	c.Flags().BoolVar(&ofFile, "of-file", false, "also where the record does not know it: it is in a --token-file of the coordinators")
	return c
}

// warnOfTokenReaders warns when others may read the files with tokens.
func warnOfTokenReaders(log *slog.Logger, t *coordinator.TokenConfig) {
	for flag, path := range map[string]string{"token-file": t.File, "operator-token-file": t.OperatorFile} {
		if _, err := os.Stat(path); path != "" && err == nil {
			warnOfReaders(log, flag, path)
		}
	}
}

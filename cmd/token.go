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
	"github.com/rondo-ml/rondo/coordinator/token"
)

// trustFlags say where the record is that holds the authority and the tokens.
type trustFlags struct {
	etcd etcdFlags
	dir  string
}

func (t *trustFlags) add(c *cobra.Command) {
	t.etcd.add(c)
	c.Flags().StringVar(&t.dir, "record-dir", "record", "`DIR` of the record of a coordinator without --etcd")
	_ = c.MarkFlagDirname("record-dir")
}

// with opens the record and hands over what it holds.
func (t *trustFlags) with(c *cobra.Command, do func(context.Context, *coordinator.Trust) error) error {
	if err := wantPath("--record-dir", t.dir); err != nil {
		return err
	}
	log := slog.New(slog.NewTextHandler(c.ErrOrStderr(), nil))
	etcd, err := t.etcd.config(nil, log)
	if err != nil {
		return &usageError{err}
	}
	ctx, cancel := context.WithTimeout(c.Context(), askTimeout)
	defer cancel()
	vault, err := coordinator.OpenVault(ctx, etcd, t.dir, log)
	if err != nil {
		return err
	}
	return errors.Join(do(ctx, coordinator.NewTrust(vault, time.Now)), vault.Close())
}

func newToken() *cobra.Command {
	c := group(&cobra.Command{
		Use:   "token",
		Short: "Make, list and revoke the tokens by which processes join a cluster",
		Long: `A token lets its holder join the coordinators of a record: it proves a secret, and gets a certificate that is renewed for as
long as the process lives. So it is needed once, and can expire soon. The record is the one that the coordinators are given:
--etcd, or --record-dir on the coordinator's machine. They need not run, and need not be told. That of --embed-etcd is open to
its coordinator alone, which takes tokens by --token-file and --operator-token-file.

ID.SECRET.HASH is its text: the ID is public, the hash is that of the cluster's authority.`,
	})
	c.AddCommand(newTokenCreate(), newTokenList(), newTokenRevoke())
	return c
}

func newTokenCreate() *cobra.Command {
	var (
		trust      trustFlags
		ttl        time.Duration
		role, text string
	)
	c := &cobra.Command{
		Use:   "create",
		Short: "Make a token, and the cluster's authority where there is none yet",
		Long: `Prints the token alone on stdout. Where the record has no authority yet, one is made, so that this may come before the
first coordinator.`,
		Example: `  rondo token create > token
  rondo worker run.yaml --join coordinator.example:8781 --token-file token
  rondo token create --role operator --ttl 720h --etcd etcd.example:2379 --etcd-ca etcd-ca.pem`,
		Args: args(0, 0, "nothing"),
		RunE: func(c *cobra.Command, _ []string) error {
			as, err := token.ParseRole(role)
			if err != nil {
				return &usageError{fmt.Errorf("--role: %w", err)}
			}
			if ttl < 0 || ttl > 0 && ttl < time.Second {
				return &usageError{fmt.Errorf("--ttl %v: at least 1s, or 0 for a token that does not expire", ttl)}
			}
			if len(text) > 200 {
				return &usageError{fmt.Errorf("--description: %d bytes; at most 200", len(text))}
			}
			return trust.with(c, func(ctx context.Context, t *coordinator.Trust) error {
				made, err := t.Create(ctx, as, ttl, text)
				if err != nil {
					return err
				}
				until := "it does not expire"
				if ttl > 0 {
					until = "it expires at " + time.Now().Add(ttl).UTC().Format(time.RFC3339)
				}
				fmt.Fprintf(c.ErrOrStderr(), "token %s for a process of role %s; %s. Keep it secret: %s token revoke %s ends it\n", made.ID, as, until, program.Name(), made.ID)
				fmt.Fprintln(c.OutOrStdout(), made.Text())
				return nil
			})
		},
	}
	trust.add(c)
	f := c.Flags()
	f.DurationVar(&ttl, "ttl", 24*time.Hour, "how long others can join by it; 0: until it is revoked. Those who have joined stay")
	f.StringVar(&role, "role", string(token.Worker), "what its holder may be: worker, or operator")
	f.StringVar(&text, "description", "", "`TEXT` for the list")
	return c
}

func newTokenList() *cobra.Command {
	var trust trustFlags
	c := &cobra.Command{
		Use:   "list",
		Short: "List the tokens of the record, those too that ended within a week",
		Long:  `Shows no secret. Tokens of a coordinator's --token-file are not in the record, and not in the list.`,
		Args:  args(0, 0, "nothing"),
		RunE: func(c *cobra.Command, _ []string) error {
			return trust.with(c, func(ctx context.Context, t *coordinator.Trust) error {
				all, err := t.Tokens(ctx)
				if err != nil {
					return err
				}
				return printTokens(c.OutOrStdout(), all, time.Now())
			})
		},
	}
	trust.add(c)
	return c
}

func printTokens(w io.Writer, all []token.Record, now time.Time) error {
	if len(all) == 0 {
		_, err := fmt.Fprintln(w, "no tokens")
		return err
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "id\trole\tstate\tcreated\texpires\tdescription")
	for _, r := range all {
		expires := "never"
		if !r.Expires.IsZero() {
			expires = r.Expires.UTC().Format(time.RFC3339)
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%q\n", r.ID, r.Role, r.State(now), r.Created.UTC().Format(time.RFC3339), expires, r.About)
	}
	return t.Flush()
}

func newTokenRevoke() *cobra.Command {
	var trust trustFlags
	c := &cobra.Command{
		Use:   "revoke ID",
		Short: "Have nobody join by a token any more",
		Long: `Processes that have joined stay, and renew their certificates. A token of a coordinator's --token-file ends when the file
holds another.`,
		Args: args(1, 1, "one token's ID"),
		RunE: func(c *cobra.Command, given []string) error {
			return trust.with(c, func(ctx context.Context, t *coordinator.Trust) error {
				err := t.Revoke(ctx, given[0])
				if errors.Is(err, enrol.ErrUnknown) {
					return fmt.Errorf("%w in the record; %s token list shows them. One of a coordinator's --token-file ends when that file holds another", err, program.Name())
				}
				if err == nil {
					fmt.Fprintf(c.OutOrStdout(), "token %s is revoked\n", given[0])
				}
				return err
			})
		},
	}
	trust.add(c)
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

package cmd

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"time"

	"github.com/spf13/cobra"

	"github.com/rondo-ml/rondo/coordinator"
	"github.com/rondo-ml/rondo/coordinator/api"
	"github.com/rondo-ml/rondo/coordinator/token"
)

// tokens makes, lists and revokes: what a record holds, or a coordinator that is asked.
type tokens interface {
	Create(context.Context, coordinator.NewToken) (token.Token, error)
	Tokens(context.Context) ([]token.Record, error)
	Revoke(ctx context.Context, id string) error
}

// tokenFlags say where the tokens are: in a record, or behind a coordinator.
type tokenFlags struct {
	etcd etcdFlags
	dir  string
	to   steerFlags
}

func (t *tokenFlags) add(c *cobra.Command) {
	t.etcd.add(c)
	c.Flags().StringVar(&t.dir, "record-dir", "record", "`DIR` of the record of a coordinator without --etcd")
	_ = c.MarkFlagDirname("record-dir")
	t.to.add(c)
	_ = c.Flags().MarkHidden("run") // of this machine: its processes need no tokens
}

// with finds the tokens and hands them over.
func (t *tokenFlags) with(c *cobra.Command, do func(context.Context, tokens) error) error {
	ctx, cancel := context.WithTimeout(c.Context(), askTimeout)
	defer cancel()
	far := t.to.far()
	switch {
	case far && (c.Flags().Changed("etcd") || c.Flags().Changed("record-dir")):
		return wrongUsage(c, errors.New("tokens are in a record (--etcd, --record-dir), or a coordinator is asked for them (--coordinator, --context): give one of the two"))
	case far:
		return t.ask(ctx, c, do)
	}
	if err := t.to.check(); err != nil {
		return wrongUsage(c, err)
	}
	if err := wantPath("--record-dir", t.dir); err != nil {
		return err
	}
	log := slog.New(slog.NewTextHandler(c.ErrOrStderr(), nil))
	etcd, err := t.etcd.config(nil, log)
	if err != nil {
		return &usageError{err}
	}
	vault, err := coordinator.OpenVault(ctx, etcd, t.dir, log)
	if err != nil {
		return err
	}
	return errors.Join(do(ctx, coordinator.NewTrust(vault, time.Now)), vault.Close())
}

// ask has a coordinator do it.
func (t *tokenFlags) ask(ctx context.Context, c *cobra.Command, do func(context.Context, tokens) error) error {
	addrs, creds, done, err := t.to.reach(c)
	if err != nil {
		return err
	}
	defer done()
	conn, err := dialCoordinators(addrs, creds)
	if err != nil {
		return err
	}
	defer conn.Close()
	return t.to.explain(do(ctx, &askedTokens{addrs, api.NewCoordinatorClient(conn)}))
}

// askedTokens are those that a coordinator is asked for.
type askedTokens struct {
	addrs  []string
	client api.CoordinatorClient
}

func (a *askedTokens) say(ctx context.Context, r *api.TokensRequest) (*api.TokensReply, error) {
	reply, err := a.client.Tokens(ctx, r)
	if err != nil {
		return nil, coordinatorError(a.addrs, err)
	}
	return reply, nil
}

func (a *askedTokens) Create(ctx context.Context, n coordinator.NewToken) (made token.Token, err error) {
	reply, err := a.say(ctx, &api.TokensRequest{Create: &api.CreateToken{Role: string(n.Role), LifeNs: int64(n.Life), About: n.About, Uses: int32(n.Uses)}})
	if err != nil {
		return made, err
	}
	return token.Parse(reply.GetMade())
}

func (a *askedTokens) Tokens(ctx context.Context) (all []token.Record, err error) {
	reply, err := a.say(ctx, &api.TokensRequest{})
	if err == nil {
		err = json.Unmarshal(reply.GetTokens(), &all)
	}
	return all, err
}

func (a *askedTokens) Revoke(ctx context.Context, id string) error {
	_, err := a.say(ctx, &api.TokensRequest{Revoke: id})
	return err
}

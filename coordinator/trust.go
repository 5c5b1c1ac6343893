package coordinator

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/rondo-ml/rondo/coordinator/enrol"
	"github.com/rondo-ml/rondo/coordinator/identity"
	"github.com/rondo-ml/rondo/coordinator/token"
)

// Trust is whom the processes of a cluster trust: its authority, and the tokens by which others come to it. Runs whose
// records are in one etcd share it.
type Trust struct {
	vault Vault
	now   func() time.Time
}

// NewTrust is what a vault holds.
func NewTrust(v Vault, now func() time.Time) *Trust { return &Trust{v, now} }

// The keys of a vault.
const (
	keyAuthority = "authority"
	keyToken     = "token." // and its ID
)

const (
	// authorityLife is longer than anybody's cluster lives.
	authorityLife = 10 * 365 * 24 * time.Hour
	// remembered is how long a token that is over can be told from one that never was.
	remembered = 7 * 24 * time.Hour
	// maxTokens bounds the tokens of a cluster.
	maxTokens = 1000
)

// Authority is the cluster's. The first who asks makes it.
func (t *Trust) Authority(ctx context.Context) (*identity.Authority, error) {
	made, err := identity.NewLastingAuthority(authorityLife)
	if err != nil {
		return nil, err
	}
	text, err := made.Text()
	if err != nil {
		return nil, err
	}
	if text, err = t.vault.Settle(ctx, keyAuthority, text); err != nil {
		return nil, fmt.Errorf("the authority of the record: %w", err)
	}
	a, err := identity.ParseAuthority(text)
	if err != nil {
		return nil, fmt.Errorf("the authority of the record: %w", err)
	}
	return a, nil
}

// Tokens are those of the record, the oldest first.
func (t *Trust) Tokens(ctx context.Context) ([]token.Record, error) {
	values, err := t.vault.Load(ctx)
	if err != nil {
		return nil, fmt.Errorf("the tokens of the record: %w", err)
	}
	var all []token.Record
	for key, text := range values {
		id, is := strings.CutPrefix(key, keyToken)
		if !is {
			continue
		}
		r, err := parseToken(id, text)
		if err != nil {
			return nil, err
		}
		all = append(all, r)
	}
	slices.SortFunc(all, func(a, b token.Record) int {
		return cmp.Or(a.Created.Compare(b.Created), strings.Compare(a.ID, b.ID))
	})
	return all, nil
}

// damagedError says that a token in the record cannot be read.
type damagedError struct{ id string }

func (e *damagedError) Error() string {
	return fmt.Sprintf("the tokens of the record: what is written there of token %s is damaged; revoke it and make a new one", e.id)
}

func parseToken(id string, text []byte) (r token.Record, err error) {
	if json.Unmarshal(text, &r) != nil || r.ID != id || len(r.Key) != len(token.Key{}) {
		return r, &damagedError{id}
	}
	return r, nil
}

// Create makes a token. A life of 0 never ends.
func (t *Trust) Create(ctx context.Context, role token.Role, life time.Duration, about string) (token.Token, error) {
	a, err := t.Authority(ctx)
	if err != nil {
		return token.Token{}, err
	}
	all, err := t.Tokens(ctx)
	if err != nil {
		return token.Token{}, err
	}
	now := t.now()
	kept := 0
	for _, r := range all {
		over := r.Expires
		if !r.Revoked.IsZero() {
			over = r.Revoked
		}
		if over.IsZero() || now.Sub(over) < remembered {
			kept++
			continue
		}
		if err := t.forget(ctx, r.ID); err != nil {
			return token.Token{}, err
		}
	}
	if kept >= maxTokens {
		return token.Token{}, fmt.Errorf("the record holds %d tokens, as many as it may: revoke some, and wait a week until they are forgotten", kept)
	}
	made := token.New(a.Hash())
	return made, t.put(ctx, token.RecordOf(made, role, now, life, about))
}

func (t *Trust) put(ctx context.Context, r token.Record) error {
	text, err := json.Marshal(r)
	if err == nil {
		err = t.vault.Put(ctx, keyToken+r.ID, text)
	}
	if err != nil {
		return fmt.Errorf("the tokens of the record: %w", err)
	}
	return nil
}

func (t *Trust) forget(ctx context.Context, id string) error {
	if err := t.vault.Delete(ctx, keyToken+id); err != nil {
		return fmt.Errorf("the tokens of the record: %w", err)
	}
	return nil
}

// Revoke ends a token: nobody joins by it any more. Whoever has joined stays. A damaged one is forgotten.
func (t *Trust) Revoke(ctx context.Context, id string) error {
	r, err := t.find(ctx, id)
	if _, damaged := errors.AsType[*damagedError](err); damaged {
		return t.forget(ctx, id)
	}
	if err != nil {
		return fmt.Errorf("token %.40q: %w", id, err)
	}
	if r.Revoked.IsZero() {
		r.Revoked = t.now().UTC()
	}
	return t.put(ctx, r)
}

// find returns a token of the record, or enrol.ErrUnknown.
func (t *Trust) find(ctx context.Context, id string) (token.Record, error) {
	values, err := t.vault.Load(ctx)
	if err != nil {
		return token.Record{}, fmt.Errorf("the tokens of the record: %w", err)
	}
	text, ok := values[keyToken+id]
	if !ok {
		return token.Record{}, enrol.ErrUnknown
	}
	return parseToken(id, text)
}

package coordinator

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"sort"
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
	keyUse       = "use."   // and its ID, a dot, and a number from 1 on: the name of a process that joined by it
)

const (
	// authorityLife is longer than anybody's cluster lives.
	authorityLife = 10 * 365 * 24 * time.Hour
	// remembered is how long a token that has expired can be told from one that never was.
	remembered = 7 * 24 * time.Hour
	// rememberedRevoked is how long a token stays revoked: longer than a certificate lives that came by it.
	rememberedRevoked = maxCertificate + 24*time.Hour
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
		r.Used = used(values, id)
		all = append(all, r)
	}
	sort.SliceStable(all, func(i, j int) bool {
		return cmp.Or(all[i].Created.Compare(all[j].Created), strings.Compare(all[i].ID, all[j].ID)) < 0
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

// NewToken is what Create makes.
type NewToken struct {
	Role  token.Role
	Life  time.Duration // 0: it never ends
	About string
	Uses  int // 0: any number
}

// maxUses bounds how many may join by a token of which they are counted.
const maxUses = 1000

// Validate says what is impossible, by the flags of rondo token create.
func (n *NewToken) Validate() error {
	if _, err := token.ParseRole(string(n.Role)); err != nil {
		return fmt.Errorf("--role: %w", err)
	}
	switch {
	case n.Life < 0 || n.Life > 0 && n.Life < time.Second:
		return fmt.Errorf("--ttl %v: at least 1s, or 0 for a token that does not expire", n.Life)
	case len(n.About) > 200:
		return fmt.Errorf("--description: %d bytes; at most 200", len(n.About))
	case n.Uses < 0 || n.Uses > maxUses:
		return fmt.Errorf("--uses %d: from 1 to %d, or 0 for any number", n.Uses, maxUses)
	case n.Uses > 0 && n.Role != token.Worker:
		return fmt.Errorf("--uses %d: each command of an operator joins anew, so it goes with --role %s alone", n.Uses, token.Worker)
	}
	return nil
}

// Create makes a token.
func (t *Trust) Create(ctx context.Context, n NewToken) (token.Token, error) {
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
		over, long := r.Expires, remembered
		if !r.Revoked.IsZero() {
			over, long = r.Revoked, rememberedRevoked
		}
		ofFile := r.Created.IsZero() // it counts again where it is forgotten and still in a file
		if ofFile || over.IsZero() || now.Sub(over) < long {
			kept++
			continue
		}
		if err := t.forget(ctx, r.ID); err != nil {
			return token.Token{}, err
		}
	}
	if kept >= maxTokens {
		return token.Token{}, fmt.Errorf("the record holds %d tokens, as many as it may: those that have expired are forgotten after a week, revoked ones after a year", kept)
	}
	made := token.New(a.Hash())
	r := token.RecordOf(made, n.Role, now, n.Life, n.About)
	r.Uses = n.Uses
	return made, t.put(ctx, r)
}

func (t *Trust) put(ctx context.Context, r token.Record) error {
	r.Used = 0
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
	values, err := t.vault.Load(ctx)
	if err == nil {
		err = t.vault.Delete(ctx, keyToken+id)
	}
	for n := range used(values, id) {
		if err == nil {
			err = t.vault.Delete(ctx, useKey(id, n+1))
		}
	}
	if err != nil {
		return fmt.Errorf("the tokens of the record: %w", err)
	}
	return nil
}

func useKey(id string, n int) string { return fmt.Sprintf("%s%s.%d", keyUse, id, n) }

// used is how many have joined by a token that counts them.
func used(values map[string][]byte, id string) (n int) {
	for values[useKey(id, n+1)] != nil {
		n++
	}
	return n
}

// use has the process of a name take one of a token's uses, or the one that it has: it may come again, as when an answer was lost. Each
// use is a key that is written once, so coordinators need not agree.
func (t *Trust) use(ctx context.Context, r token.Record, name string) error {
	values, err := t.vault.Load(ctx)
	for n := 1; err == nil && n <= r.Uses; n++ {
		has := values[useKey(r.ID, n)]
		if has == nil {
			has, err = t.vault.Settle(ctx, useKey(r.ID, n), []byte(name))
		}
		if err == nil && string(has) == name {
			return nil
		}
	}
	if err != nil {
		return fmt.Errorf("the tokens of the record: %w", err)
	}
	return enrol.ErrUsed
}

// Revoke ends a token: nobody joins by it any more, and no certificate that came by it is renewed. A damaged one is forgotten.
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

// RevokeOfFile ends a token of which only coordinators' files know. The record keeps its ID, and nothing by which it could be proven.
func (t *Trust) RevokeOfFile(ctx context.Context, id string, role token.Role) error {
	if _, err := t.find(ctx, id); !errors.Is(err, enrol.ErrUnknown) {
		return t.Revoke(ctx, id)
	}
	if err := token.CheckID(id); err != nil {
		return err
	}
	all, err := t.Tokens(ctx)
	if err != nil {
		return err
	}
	if len(all) >= maxTokens {
		return fmt.Errorf("the record holds %d tokens, as many as it may; take token %s out of the files of the coordinators", len(all), id)
	}
	key := make([]byte, len(token.Key{}))
	_, _ = rand.Read(key) // it never fails
	return t.put(ctx, token.Record{ID: id, Key: key, Role: role, Revoked: t.now().UTC(), About: "of a coordinator's file"})
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

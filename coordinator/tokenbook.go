package coordinator

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"

	"github.com/rondo-ml/rondo/coordinator/enrol"
	"github.com/rondo-ml/rondo/coordinator/token"
)

// tokenBook is the tokens of the record and of files. One of a file is revoked by what the record says of its ID.
type tokenBook struct {
	trust *Trust
	files []*tokenFile
	log   *slog.Logger

	mu      sync.Mutex
	revoked map[string]token.Record // that the record told of: they stay so while it is away
}

// find returns a token by its ID, or enrol.ErrUnknown.
func (b *tokenBook) find(ctx context.Context, id string) (token.Record, error) {
	ctx, cancel := context.WithTimeout(ctx, findPatience)
	defer cancel()
	r, err := b.trust.find(ctx, id)
	if err != nil && !errors.Is(err, enrol.ErrUnknown) {
		if was, is := b.wasRevoked(id); is {
			return was, nil
		}
	}
	if err == nil && !r.Revoked.IsZero() {
		b.remember(r)
		return r, nil
	}
	if own, ok := b.ofFiles(id); ok { // the record may be away: the file is here
		return own, nil
	}
	return r, err
}

func (b *tokenBook) wasRevoked(id string) (token.Record, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	r, is := b.revoked[id]
	return r, is
}

func (b *tokenBook) remember(r token.Record) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.revoked == nil {
		b.revoked = map[string]token.Record{}
	}
	b.revoked[r.ID] = r
}

func (b *tokenBook) ofFiles(id string) (token.Record, bool) {
	for _, f := range b.files {
		if own, ok := f.find(id, b.log); ok {
			return own, true
		}
	}
	return token.Record{}, false
}

// Create makes a token of the record.
func (b *tokenBook) Create(ctx context.Context, n NewToken) (token.Token, error) {
	return b.trust.Create(ctx, n)
}

// Tokens are those of the record, the oldest first, and behind them those of this coordinator's files.
func (b *tokenBook) Tokens(ctx context.Context) ([]token.Record, error) {
	all, err := b.trust.Tokens(ctx)
	if err != nil {
		return nil, err
	}
	for _, r := range all {
		if !r.Revoked.IsZero() {
			b.remember(r)
		}
	}
	for _, f := range b.files {
		for _, own := range f.all(b.log) {
			if !slices.ContainsFunc(all, func(r token.Record) bool { return r.ID == own.ID && !r.Revoked.IsZero() }) {
				all = append(all, own)
			}
		}
	}
	return all, nil
}

// Revoke ends a token of the record, or of this coordinator's files.
func (b *tokenBook) Revoke(ctx context.Context, id string) error {
	own, isOwn := b.ofFiles(id)
	err := b.trust.Revoke(ctx, id)
	if isOwn && errors.Is(err, enrol.ErrUnknown) {
		err = b.trust.RevokeOfFile(ctx, id, own.Role)
	}
	if err == nil {
		_, err = b.find(ctx, id) // and remembers it
	}
	return err
}

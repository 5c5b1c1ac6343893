package coordinator

import (
	"context"
	"errors"
)

// watchedStore is a Store that tells whether it answers.
type watchedStore struct {
	Store
	tell func(up bool)
}

// heard passes an error on. A call that was given up, or refused because
// another leads, says nothing against the store.
func (w *watchedStore) heard(err error) error {
	if !errors.Is(err, context.Canceled) {
		w.tell(err == nil || errors.Is(err, ErrNotLeader))
	}
	return err
}

func (w *watchedStore) Campaign(ctx context.Context, addr string) (lead, error) {
	won, err := w.Store.Campaign(ctx, addr)
	return won, w.heard(err)
}

func (w *watchedStore) Leader(ctx context.Context) (leader, error) {
	who, err := w.Store.Leader(ctx)
	return who, w.heard(err)
}

func (w *watchedStore) Load(ctx context.Context) (map[string][]byte, error) {
	values, err := w.Store.Load(ctx)
	return values, w.heard(err)
}

func (w *watchedStore) Put(ctx context.Context, key string, value []byte) error {
	return w.heard(w.Store.Put(ctx, key, value))
}

func (w *watchedStore) Clear(ctx context.Context) error { return w.heard(w.Store.Clear(ctx)) }

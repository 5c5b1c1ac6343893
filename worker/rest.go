package worker

import (
	"context"
	"time"
)

// Rest waits between a worker's parts in runs, until the pause is over or ctx is done. Meanwhile health tells that the
// process lives, and why it is in no ring.
func Rest(ctx context.Context, cfg Config, why string, pause time.Duration) error {
	cfg.Again = true
	told, err := newHealth(cfg)
	if err != nil {
		return err
	}
	defer told.close()
	if told != nil {
		told.rests.Store(&why)
	}
	select {
	case <-time.After(pause):
	case <-ctx.Done():
	}
	return nil
}

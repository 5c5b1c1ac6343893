package coordinator

import (
	"context"
	"errors"
	"time"
)

// recordView has the record take a view before anybody is told of it. A record that is away is a reason to step down: another coordinator
// may reach it. One that is full is so for all: it is waited for, and this coordinator shows meanwhile that it leads.
func (t *term) recordView(ctx context.Context, v View) error {
	for told := false; ; told = true {
		bounded, cancel := context.WithTimeout(ctx, viewPatience)
		err := t.record.put(bounded, keyView, v)
		cancel()
		if !errors.Is(err, errNoSpace) || t.alone {
			return err
		}
		if !told {
			t.log.Error("the next ring waits for room in the record", "generation", v.Generation, "error", err)
			t.board.remark(levelError, "the next ring waits for room in the record", err.Error())
		}
		t.pulse()
		select {
		case <-time.After(retryAfter):
		case <-t.lost:
			return err
		case <-ctx.Done():
			return err
		}
	}
}

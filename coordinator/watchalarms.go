package coordinator

import (
	"context"
	"time"

	"github.com/rondo-ml/rondo/coordinator/api"
	"github.com/rondo-ml/rondo/coordinator/hook"
)

// alarmNews is what Config.OnAlarm is told: an alarm that begins, or is over.
type alarmNews struct {
	api.Alarm
	At   time.Time `json:"at"`
	Over bool      `json:"over"`
	Run  string    `json:"run"`
	ID   string    `json:"run_id"`
	Step uint64    `json:"step"`
}

// watchAlarms tells a hook of each alarm, and of a run that fails, until ctx is done.
func (c *Coordinator) watchAlarms(ctx context.Context) {
	h := hook.New(c.cfg.OnAlarm, c.cfg.Log)
	defer h.Close()
	changed, cancel := c.board.watch()
	defer cancel()
	known := map[alarmKey]api.Alarm{}
	for {
		for _, n := range c.board.alarmNews(known) {
			h.Fire(n)
		}
		select {
		case <-changed:
		case <-ctx.Done():
			for _, n := range c.board.alarmNews(known) {
				h.Fire(n)
			}
			return
		}
	}
}

// alarmKey tells an alarm from others while it lasts; its text changes.
type alarmKey struct {
	kind   api.AlarmKind
	worker string
	since  time.Time
}

// alarmNews is what changed since known, which it brings up to date.
func (b *board) alarmNews(known map[alarmKey]api.Alarm) (news []alarmNews) {
	now := b.clock.Now()
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.standby {
		clear(known) // another coordinator tells
		return nil
	}
	tell := func(a api.Alarm, over bool) {
		news = append(news, alarmNews{Alarm: a, At: now, Over: over, Run: b.run.Name, ID: b.run.ID, Step: b.state.Step})
	}
	list := b.list(now)
	if b.state.Phase == api.PhaseFailed {
		list = append(list, api.Alarm{Kind: api.AlarmFailed, Since: b.ended, What: "the run has failed: " + b.state.Reason})
	}
	there := map[alarmKey]bool{}
	for _, a := range list {
		key := alarmKey{a.Kind, a.Worker, a.Since}
		if there[key] = true; known[key].Kind == "" {
			tell(a, false)
		}
		known[key] = a
	}
	for key, a := range known {
		if !there[key] {
			delete(known, key)
			tell(a, true)
		}
	}
	return news
}

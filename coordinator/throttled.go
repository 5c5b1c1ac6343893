package coordinator

import (
	"fmt"
	"sort"
	"time"

	"github.com/rondo-ml/rondo/coordinator/api"
)

// throttling is how much a quota of processor time holds a worker back.
type throttling struct {
	at    time.Time     // of the newest measure
	total time.Duration // since the worker began
	share float64       // of the processor time of its threads, between the last two measures
	since time.Time     // it has been much since then; zero: it is not
}

// When a worker is held back, and when it is so no more. A quota is granted anew every tenth of a second or so.
const (
	throttledEvery = 10 * time.Second
	throttledMuch  = 0.1
	throttledAgain = 0.05
)

// throttled notes what a heartbeat tells of the quota of its worker.
func (b *board) throttled(now time.Time, e heartbeat) {
	m := b.state.byConn(e.Conn)
	if m == nil || e.Beat == nil {
		return
	}
	total := time.Duration(e.Beat.ThrottledNs)
	t, known := b.alarms.throttled[m.Name]
	if !known || total < t.total { // it was started anew
		b.alarms.throttled[m.Name] = throttling{at: now, total: total}
		return
	}
	span := now.Sub(t.at)
	if span < throttledEvery {
		return
	}
	t.share = float64(total-t.total) / (float64(span) * float64(max(1, m.Threads)))
	b.metrics.throttled.WithLabelValues(m.Name).Add((total - t.total).Seconds())
	t.at, t.total = now, total
	switch much := !t.since.IsZero(); {
	case much && t.share < throttledAgain:
		t.since = time.Time{}
		b.tell(now, levelInfo, m.Name+" is held back by its quota no more", "")
	case !much && t.share >= throttledMuch:
		t.since = now
		b.tell(now, levelWarn, m.Name+" is held back by its quota", t.text())
	}
	b.alarms.throttled[m.Name] = t
}

func (t throttling) text() string {
	return fmt.Sprintf("its control group stood still for %.0f %% of its threads' time, as its quota of processor time was used up: raise the limit, or give it fewer --threads",
		100*t.share)
}

// heldBack lists the workers that their quotas hold back, by name.
func (b *board) heldBack() (list []api.Alarm) {
	for name, t := range b.alarms.throttled {
		if !t.since.IsZero() {
			list = append(list, api.Alarm{Kind: api.AlarmThrottled, Worker: name, Since: t.since, What: name + " is held back: " + t.text()})
		}
	}
	sort.SliceStable(list, func(i, j int) bool { return list[i].What < list[j].What })
	return list
}

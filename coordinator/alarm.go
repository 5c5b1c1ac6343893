package coordinator

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/rondo-ml/rondo/coordinator/api"
)

// alarms are what the board finds wrong with a run. A run goes on with them:
// they are for people, and for readiness.
type alarms struct {
	stand   standstill
	loss    divergence
	stalled bool            // it was said that training stands still
	slow    map[string]slow // by worker

	slower    slower
	throttled map[string]throttling // by worker
}

func newAlarms() alarms {
	return alarms{slow: map[string]slow{}, throttled: map[string]throttling{}}
}

// slow is a worker that holds up the others, or seems to.
type slow struct {
	since time.Time
	times float64 // as long as the others for a lane
	told  bool    // it has been so for long enough to be said
}

// When a worker is slow, and when it is so no more.
const (
	slowTimes  = 1.5 // times as long for a lane as the median of the others
	slowAgain  = 1.3
	slowShare  = 0.1 // of a step, which the others wait for it
	slowAfter  = 15 * time.Second
	slowWeight = 0.6 // of an average: about nine steps were seen
)

// look raises alarms and takes them back, once a tick.
func (b *board) look(now time.Time) {
	b.alarms.stand.tick(now)
	since, stands := b.standing(now)
	if stands != b.alarms.stalled {
		b.alarms.stalled = stands
		if stands {
			b.tell(now, levelWarn, "training stands still", b.standText(now, since))
		} else if !ended(b.state.Phase) {
			b.tell(now, levelInfo, "training goes on", "")
		}
	}
	b.findSlow(now)
	b.findSlower(now)
}

// standing says whether training stands still, and since when. It does not
// while nothing more is to come.
func (b *board) standing(now time.Time) (since time.Time, stands bool) {
	s := &b.state
	awaits := s.Phase == api.PhaseTraining || (s.Phase == api.PhaseStopping && s.asked(stops))
	if b.standby || s.plan == nil || !awaits || s.Step >= s.plan.Steps {
		return time.Time{}, false
	}
	return b.alarms.stand.since(now)
}

func (b *board) standText(now, since time.Time) string {
	return fmt.Sprintf("no step since %s, where one usually takes %s", since.UTC().Format("15:04:05 UTC"), spoken(b.alarms.stand.usual()))
}

// spoken is a time with three digits: "104ms", "2.51s".
func spoken(d time.Duration) string {
	for unit := time.Microsecond; unit < d; unit *= 10 {
		if d < 1000*unit {
			return d.Round(unit).String()
		}
	}
	return d.Round(time.Microsecond).String()
}

// findSlow compares what each worker computes for a lane with the median of the
// others.
func (b *board) findSlow(now time.Time) {
	type part struct {
		name    string
		lanes   float64
		compute float64 // seconds a lane
	}
	var all []part
	for i := range b.state.Members {
		m := &b.state.Members[i]
		if p := b.paces[m.Name]; m.live() && p != nil && p.compute.weight >= slowWeight && m.EndLane > m.FirstLane {
			lanes := float64(m.EndLane - m.FirstLane)
			all = append(all, part{m.Name, lanes, p.compute.mean() / lanes})
		}
	}
	if len(all) < 2 || ended(b.state.Phase) {
		clear(b.alarms.slow)
		return
	}
	slices.SortStableFunc(all, func(x, y part) int { return cmp.Compare(x.compute, y.compute) })
	middle := (len(all) - 1) / 2
	for i, w := range all {
		usual := all[middle].compute
		if i <= middle {
			usual = all[middle+1].compute
		}
		waited := (w.compute - usual) * w.lanes
		b.judge(now, w.name, ratio(w.compute, usual), waited >= slowShare*b.paces[w.name].total.mean())
	}
}

// judge keeps who is slow. It takes less to stay slow than to become so.
func (b *board) judge(now time.Time, name string, times float64, matters bool) {
	w, was := b.alarms.slow[name]
	if times < slowAgain || (!was && (times < slowTimes || !matters)) {
		delete(b.alarms.slow, name)
		return
	}
	if !was {
		w.since = now
	}
	w.times = times
	if !w.told && times >= slowTimes && now.Sub(w.since) >= slowAfter {
		w.told = true
		b.tell(now, levelWarn, name+" is slow", slowText(times))
	}
	b.alarms.slow[name] = w
}

func slowText(times float64) string {
	return fmt.Sprintf("it computes %.1f times as long on a lane as the others, which wait for it", times)
}

// list is the alarms of a run, gravest first.
func (b *board) list(now time.Time) []api.Alarm {
	list := []api.Alarm{}
	if since, stands := b.standing(now); stands {
		list = append(list, api.Alarm{Kind: api.AlarmStalled, Since: since, What: "training stands still: " + b.standText(now, since)})
	}
	if d := &b.alarms.loss; !d.since.IsZero() {
		list = append(list, api.Alarm{Kind: api.AlarmDiverging, Since: d.since, What: d.text(b.state.plan)})
	}
	list = append(list, b.slowerAlarms()...)
	for i := range b.state.Members {
		name := b.state.Members[i].Name
		if s := b.alarms.slow[name]; s.told {
			list = append(list, api.Alarm{Kind: api.AlarmSlow, Worker: name, Since: s.since, What: name + " is slow: " + slowText(s.times)})
		}
	}
	return append(list, b.heldBack()...)
}

// divergence watches the losses of the last few steps.
type divergence struct {
	first  float64 // nats, where this coordinator saw the run begin
	recent [5]float64
	steps  int
	held   bool      // the newest evaluation is not finite
	over   bool      // the steps' losses are far too high
	since  time.Time // of either; zero: the run does not diverge
}

// What a loss is measured by, in nats per target.
const (
	divergedTimes = 2
	leastFirst    = math.Ln2 // small losses vary by more than their size
	mostFirst     = 50       // nothing sound begins with more
	plainTimes    = 10       // of a loss that is no number of nats: its size says nothing
)

// step notes a step's loss. Most of the last few must be high: one wild step
// is none.
func (d *divergence) step(now time.Time, loss float64, plain bool) {
	if d.steps == 0 {
		d.first = loss
	}
	d.recent[d.steps%len(d.recent)] = loss
	d.steps++
	most := divergedTimes * min(max(d.first, leastFirst), mostFirst)
	if plain {
		most = plainTimes * math.Abs(d.first)
	}
	high := 0
	for _, x := range d.recent {
		if x > most {
			high++
		}
	}
	d.over = high > len(d.recent)/2
	d.settle(now)
}

// evaluated notes the loss of a pass over the held-out set.
func (d *divergence) evaluated(now time.Time, loss api.Number) {
	d.held = !loss.Finite()
	d.settle(now)
}

func (d *divergence) settle(now time.Time) {
	switch {
	case !d.held && !d.over:
		d.since = time.Time{}
	case d.since.IsZero():
		d.since = now
	}
}

func (d *divergence) text(p *plan) string {
	const advice = "; begin anew with a smaller optimizer.lr, or a smaller optimizer.clip (0 clips nothing)"
	if !d.over {
		return "the held-out loss is not finite: the run diverges" + advice
	}
	last := d.recent[(d.steps-1)%len(d.recent)]
	return fmt.Sprintf("the loss is %s, and was %s where the run began: it diverges"+advice, p.lossText("%.3g", last), strings.TrimSuffix(p.lossText("%.3g", d.first), " bits"))
}

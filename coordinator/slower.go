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

// slower compares the last steps of a ring with the median of all its steps before. Another ring has other workers and
// another usual time, and learns it anew. Steps that are told of as slow are not learnt.
type slower struct {
	generation uint64 // of the ring
	usual      spans  // times of steps
	recent     [slowerSteps]time.Duration
	seen       int              // steps of the ring
	computes   map[string]spans // of each worker
	since      time.Time        // the last steps take too long; zero: they do not
	told       bool             // it has been so for long enough to be said
}

// When a run is slower than its own median, and when it is so no more. One slow step, or a few, are nothing.
const (
	slowerSteps = 16
	slowerKnown = 64 // steps before a median counts
	slowerTimes = 2.0
	slowerAgain = 1.5
	slowerAfter = 15 * time.Second
	grewTimes   = 1.5 // times its own usual time that a worker computes which is named
)

// of turns to the ring of a generation.
func (p *slower) of(generation uint64) {
	if p.generation != generation || p.computes == nil {
		*p = slower{generation: generation, usual: spans{}, computes: map[string]spans{}}
	}
}

// computed notes for how long a worker computed in a step.
func (p *slower) computed(name string, took time.Duration) {
	if !p.since.IsZero() {
		return
	}
	if p.computes[name] == nil {
		p.computes[name] = spans{}
	}
	p.computes[name].add(took)
}

// step notes the time of a step, evaluations and checkpoints apart.
func (p *slower) step(took time.Duration) {
	p.recent[p.seen%slowerSteps] = took
	p.seen++
	if p.since.IsZero() {
		p.usual.add(took)
	}
}

// look judges the last steps. It takes less to stay slow than to become so.
func (p *slower) look(now time.Time) {
	if p.seen < slowerKnown {
		return
	}
	switch times := p.times(); {
	case !p.since.IsZero() && times < slowerAgain:
		p.since = time.Time{}
	case p.since.IsZero() && times >= slowerTimes:
		p.since = now
	}
}

// latest is the median of the last steps.
func (p *slower) latest() time.Duration { return median(p.recent[:]) }

// times is how many times as long as usual the last steps took.
func (p *slower) times() float64 { return ratio(p.latest().Seconds(), p.usual.median().Seconds()) }

// findSlower tells when the run has been slower than its own median for a while, and when it is so no more.
func (b *board) findSlower(now time.Time) {
	p := &b.alarms.slower
	p.look(now)
	over := p.since.IsZero() || ended(b.state.Phase)
	switch {
	case p.told && over:
		p.told = false
		if !ended(b.state.Phase) {
			b.tell(now, levelInfo, "steps take their usual time again", "")
		}
	case !p.told && !over && now.Sub(p.since) >= slowerAfter:
		p.told = true
		b.tell(now, levelWarn, "the run is slower than its own median", b.slowerText())
	}
}

func (b *board) slowerText() string {
	p := &b.alarms.slower
	return fmt.Sprintf("steps take %.1f times as long as the median of this ring: %s, and %s before; %s",
		p.times(), spoken(p.latest()), spoken(p.usual.median()), b.whoSlower())
}

// whoSlower names the workers that compute longer than they did. The time that the others wait for them says nothing.
func (b *board) whoSlower() string {
	p := &b.alarms.slower
	type one struct {
		name  string
		times float64
	}
	var grew []one
	reads, longest := "", 0.0
	for i := range b.state.Members {
		name := b.state.Members[i].Name
		now, before := b.paces[name], p.computes[name]
		if now == nil || before == nil || !b.state.Members[i].live() {
			continue
		}
		if times := ratio(now.compute.mean(), before.median().Seconds()); times >= grewTimes {
			grew = append(grew, one{name, times})
		}
		if data := now.data.mean(); data > longest {
			reads, longest = name, data
		}
	}
	slices.SortStableFunc(grew, func(x, y one) int { return cmp.Compare(y.times, x.times) })
	switch {
	case len(grew) > 0:
		names := make([]string, 0, 3)
		for _, g := range grew[:min(len(grew), cap(names))] {
			names = append(names, fmt.Sprintf("%s computes %.1f times as long as it did", g.name, g.times))
		}
		if more := len(grew) - len(names); more > 0 {
			names = append(names, fmt.Sprintf("%d more do so too", more))
		}
		return strings.Join(names, ", ")
	case longest > (p.latest()-p.usual.median()).Seconds()/2:
		return fmt.Sprintf("%s reads rows for %s of a step", reads, spoken(time.Duration(longest*float64(time.Second))))
	}
	return "no worker computes or reads for longer than it did: it is the ring"
}

func (b *board) slowerAlarms() []api.Alarm {
	p := &b.alarms.slower
	if !p.told {
		return nil
	}
	return []api.Alarm{{Kind: api.AlarmSlower, Since: p.since, What: "the run is slower than its own median: " + b.slowerText()}}
}

// spans counts durations in classes 2 % apart, so that the median of any number of them takes no more room.
type spans map[int16]uint32

const spansOctave = 32 // classes of an octave

func (s spans) add(d time.Duration) {
	s[int16(math.Round(spansOctave*math.Log2(float64(max(d, 1)))))]++
}

// median is that of all, to a hundredth; 0 of none.
func (s spans) median() time.Duration {
	classes, n := make([]int16, 0, len(s)), uint64(0)
	for class, count := range s {
		classes, n = append(classes, class), n+uint64(count)
	}
	slices.Sort(classes)
	below := uint64(0)
	for _, class := range classes {
		if below += uint64(s[class]); 2*below >= n {
			return time.Duration(math.Exp2(float64(class) / spansOctave))
		}
	}
	return 0
}

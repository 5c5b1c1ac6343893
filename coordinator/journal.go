package coordinator

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/rondo-ml/rondo/coordinator/api"
)

// JournalEntry is what was decided from outside and took effect when Step steps
// were done. There is one entry for a step.
type JournalEntry struct {
	Step       uint64  `json:"step"`
	Stop       bool    `json:"stop,omitempty"`
	Checkpoint bool    `json:"checkpoint,omitempty"`
	LR         float64 `json:"lr,omitempty"`    // the learning rate from then on
	Clear      bool    `json:"clear,omitempty"` // from then on the schedule's
	Reason     string  `json:"reason,omitempty"`
}

// ask is a wish from outside that has not taken effect yet. The view's first
// worker knows it and puts it into the gather of its step.
type ask struct {
	ID         uint64  `json:"id"`           // rises from wish to wish, and from term to term
	At         uint64  `json:"at,omitempty"` // steps done; one that has passed means the next step
	Stop       bool    `json:"stop,omitempty"`
	Checkpoint bool    `json:"checkpoint,omitempty"`
	LR         float64 `json:"lr,omitempty"`
	Clear      bool    `json:"clear,omitempty"`
	Reason     string  `json:"reason,omitempty"`
}

func (a ask) rates() bool { return a.LR > 0 || a.Clear }

// overrules says whether an earlier wish is of the same kind, and for the same step.
func (a ask) overrules(b ask) bool {
	return a.At == b.At && a.Stop == b.Stop && a.Checkpoint == b.Checkpoint && a.rates() == b.rates()
}

func (a ask) decision() *api.Decision {
	return &api.Decision{Stop: a.Stop, Checkpoint: a.Checkpoint, Reason: a.Reason, At: a.At, Lr: a.LR, Clear: a.Clear, Id: a.ID}
}

// what says it for people: "a stop, the learning rate 0.0001".
func (e JournalEntry) what() string {
	var words []string
	for _, w := range []struct {
		is   bool
		text string
	}{{e.Stop, "a stop"}, {e.Checkpoint, "a checkpoint"}, {e.LR > 0, "the learning rate " + rateText(e.LR)}, {e.Clear, "the schedule's learning rate"}} {
		if w.is {
			words = append(words, w.text)
		}
	}
	return strings.Join(words, ", ")
}

func (a ask) what() string {
	return JournalEntry{Stop: a.Stop, Checkpoint: a.Checkpoint, LR: a.LR, Clear: a.Clear}.what()
}

// ratedText says which learning rate counts from when on; 0 is the schedule's.
func ratedText(lr float64, from string) string {
	if lr == 0 {
		return "the learning rate follows the schedule from " + from + " on"
	}
	return fmt.Sprintf("the learning rate is %s from %s on", rateText(lr), from)
}

func rateText(lr float64) string { return strconv.FormatFloat(lr, 'g', -1, 64) }

// maxAsks bounds the wishes that wait for their steps. One of each kind for the next step is taken besides, for a run must always be told to stop.
const maxAsks = 32

// want keeps a wish until it takes effect, and tells the view's first worker.
// It says no when there are too many.
func (d *decision) want(a ask) bool {
	s := &d.s
	if len(s.Asks) >= maxAsks { // one that this one overrules makes room
		s.Asks = slices.DeleteFunc(slices.Clone(s.Asks), a.overrules)
	}
	if a.At > 0 && len(s.Asks) >= maxAsks {
		d.do(answer{Text: fmt.Sprintf("%d wishes wait for their steps already, the most there may be: "+
			"ask again when one has come, or for the next step", maxAsks), Refused: true})
		return false
	}
	s.LastAsk++
	a.ID = s.LastAsk
	s.Asks = append(s.Asks, a)
	d.do(recordAsks{s.Asks})
	if s.View.Generation > 0 {
		d.send(s.first(), decisionMessage(a.decision()))
	}
	return true
}

// asked says whether a wish waits to take effect at the next step.
func (s *state) asked(is func(ask) bool) bool {
	return slices.ContainsFunc(s.Asks, func(a ask) bool { return a.At == 0 && is(a) })
}

func stops(a ask) bool { return a.Stop }
func keeps(a ask) bool { return a.Checkpoint }

// taken writes what took effect with a step into the journal. All workers
// report it; the first report counts.
func (d *decision) taken(step uint64, t *api.Decision) {
	if t.Lr > 0 || t.Clear {
		reason := d.settle(step, t.Id, ask.rates)
		d.enterJournal(JournalEntry{Step: step, LR: t.Lr, Clear: t.Clear && !(t.Lr > 0), Reason: reason})
	}
	if t.Stop {
		reason := d.settle(step+1, t.Id, stops)
		if d.enterJournal(JournalEntry{Step: step + 1, Stop: true, Reason: reason}) {
			text := fmt.Sprintf("step %d was the last before the stop: %s", step, reason)
			if d.s.Phase == api.PhaseTraining {
				d.enter(api.PhaseStopping, text)
			}
			d.s.Reason = text
		}
	}
	if t.Checkpoint {
		d.enterJournal(JournalEntry{Step: step + 1, Checkpoint: true, Reason: d.settle(step+1, t.Id, keeps)})
	}
}

// settle removes the wishes that took effect when so many steps were done:
// those that were due, and of which the view's first worker knew. It returns
// why the last of them was wished.
func (d *decision) settle(step, known uint64, is func(ask) bool) (reason string) {
	before := len(d.s.Asks)
	d.s.Asks = slices.DeleteFunc(d.s.Asks, func(a ask) bool {
		gone := is(a) && a.ID <= known && a.At <= step
		if gone {
			reason = a.Reason
		}
		return gone
	})
	if len(d.s.Asks) < before {
		d.do(recordAsks{d.s.Asks})
	}
	return reason
}

// enterJournal adds an entry to the one of its step; false when the journal
// has it already, as when a step is done again.
func (d *decision) enterJournal(e JournalEntry) bool {
	s := &d.s
	at, there := slices.BinarySearchFunc(s.Journal, e.Step, func(x JournalEntry, step uint64) int { return cmp.Compare(x.Step, step) })
	if !there {
		s.Journal = slices.Insert(s.Journal, at, JournalEntry{Step: e.Step})
	}
	old := s.Journal[at]
	all := JournalEntry{Step: e.Step, Stop: old.Stop || e.Stop, Checkpoint: old.Checkpoint || e.Checkpoint, LR: old.LR, Clear: old.Clear, Reason: old.Reason}
	if e.LR > 0 || e.Clear {
		all.LR, all.Clear = e.LR, e.Clear
	}
	if e.Reason != "" && !strings.Contains(old.Reason, e.Reason) {
		all.Reason = strings.TrimPrefix(old.Reason+"; "+e.Reason, "; ")
	}
	if there && all == old {
		return false
	}
	s.Journal[at] = all
	d.do(recordJournal{all})
	if e.LR > 0 || e.Clear {
		d.do(note{Level: levelInfo, What: ratedText(e.LR, fmt.Sprintf("step %d", e.Step)), Reason: e.Reason})
	}
	return true
}

// asksFrom are the decisions that a view which begins at a step has to take:
// those that were taken from there on before, and those that wait. A stop of
// an earlier life of the run is not among them.
func (s *state) asksFrom(step uint64) []*api.Decision {
	var list []*api.Decision
	for _, e := range s.Journal {
		d := &api.Decision{At: e.Step, Reason: e.Reason}
		if e.Step >= step {
			d.Lr, d.Clear = e.LR, e.Clear
		}
		if e.Step > step {
			d.Stop, d.Checkpoint = e.Stop && s.Phase == api.PhaseStopping, e.Checkpoint
		}
		if d.Lr > 0 || d.Clear || d.Stop || d.Checkpoint {
			list = append(list, d)
		}
	}
	for _, a := range s.Asks {
		list = append(list, a.decision())
	}
	return list
}

// ratesBefore are the learning rates that were set before a step.
func (s *state) ratesBefore(step uint64) []*api.RateChange {
	var list []*api.RateChange
	for _, e := range s.Journal {
		if e.Step < step && (e.LR > 0 || e.Clear) {
			list = append(list, &api.RateChange{Step: e.Step, Lr: e.LR})
		}
	}
	return list
}

// adoptRates takes up what the checkpoint that the run goes on from says of the
// learning rates before it: that is what its bits were made with.
func (d *decision) adoptRates(of []*api.RateChange, before uint64) {
	s := &d.s
	if !slices.EqualFunc(of, s.ratesBefore(before), func(a, b *api.RateChange) bool { return a.Step == b.Step && a.Lr == b.Lr }) {
		s.Journal = slices.Clone(s.Journal)
		for i := range s.Journal {
			if e := &s.Journal[i]; e.Step < before && (e.LR > 0 || e.Clear) {
				e.LR, e.Clear = 0, false
				d.do(recordJournal{*e})
			}
		}
		for _, r := range of {
			d.enterJournal(JournalEntry{Step: r.Step, LR: r.Lr, Clear: r.Lr == 0, Reason: "from the checkpoint"})
		}
		s.Journal = slices.DeleteFunc(s.Journal, func(e JournalEntry) bool { return e.what() == "" })
	}
}

// shownEntries is how many entries of the journal a status has, beside what waits.
const shownEntries = 20

// entries are the newest of the journal, and what waits.
func (s *state) entries() (list []api.Entry) {
	for _, e := range s.Journal[max(0, len(s.Journal)-shownEntries):] {
		list = append(list, api.Entry{Step: e.Step, What: e.what(), LR: e.LR, Reason: e.Reason})
	}
	for _, a := range s.Asks {
		list = append(list, api.Entry{Step: a.At, What: a.what(), LR: a.LR, Reason: a.Reason, Waits: true})
	}
	return list
}

// pastAsks are the wishes of the record. One for a stop at once is of no use to
// a run that was started again.
func (p *pastRun) pastAsks(again bool) (list []ask, last uint64) {
	for _, a := range p.Asks {
		last = max(last, a.ID)
		if a.At > 0 || !a.Stop || !again {
			list = append(list, a)
		}
	}
	return list, last
}

package cmd

import (
	"fmt"
	"io"
	"log/slog"
	"time"

	"github.com/rondo-ml/rondo/coordinator/api"
)

// progress shows how a run goes: a bar on a terminal, a line now and then
// otherwise. What is written to it goes to standard error, in whole lines and
// clear of the bar.
type progress interface {
	io.Writer
	show(api.Status)
	// done leaves the bar as it is. It may be called again.
	done()
}

func newProgress(out, errout io.Writer, told troubles) progress {
	if f := terminalOf(out); f != nil {
		return &barProgress{terminal: f, errout: errout, told: told}
	}
	return &lineProgress{Writer: errout, out: out, told: told}
}

// lineProgress prints where the run stands every linesEvery, and what each evaluation finds.
type lineProgress struct {
	io.Writer
	out       io.Writer
	at        time.Time
	step      uint64
	evaluated uint64 // step of the newest evaluation that was told
	told      troubles
}

const linesEvery = 5 * time.Second

func (p *lineProgress) show(s api.Status) {
	p.told.tell(p.Writer, s)
	for _, e := range s.Evaluations {
		if e.Step > p.evaluated {
			p.evaluated = e.Step
			fmt.Fprintf(p.out, "step %d/%d  %s\n", e.Step, s.Steps, foremostText(s, e))
		}
	}
	if s.Step == p.step || (s.Now.Sub(p.at) < linesEvery && s.Step < s.Steps) {
		return
	}
	p.at, p.step = s.Now, s.Step
	fmt.Fprintf(p.out, "step%s\n", standText(s))
}

func (p *lineProgress) done() {}

// foremostText is what matters most of an evaluation: "held-out loss 0.0314, 99.12 % right".
func foremostText(s api.Status, e api.Evaluation) string {
	e.Measures = e.Measures[:min(len(e.Measures), 1)]
	return "held-out " + measureText(s, e, 3)
}

// barText is where a run stands, with what the newest evaluation found.
func barText(s api.Status) string {
	text := standText(s)
	if n := len(s.Evaluations); n > 0 {
		text += "  " + foremostText(s, s.Evaluations[n-1])
	}
	return text
}

// standText is where a run stands: " 120/400  2.413 bits/byte  34.1k byte/s  1m10s left".
func standText(s api.Status) string {
	text := fmt.Sprintf(" %d/%d", s.Step, s.Steps)
	if stepped(s) {
		text += fmt.Sprintf("  %s  %s %s/s", lossText(s, s.Loss, s.BitsPerChar, 3), rateText(s.Rate), sampleOf(s))
	}
	switch {
	case s.Phase == api.PhaseStopping:
		text += "  saving"
	case s.SecondsLeft > 0:
		text += "  " + durationText(time.Duration(s.SecondsLeft*float64(time.Second))) + " left"
	}
	return text
}

// stepped says whether a step was made under this coordinator.
func stepped(s api.Status) bool { return s.BitsPerChar > 0 || s.BitsPerChar < 0 }

// lossText is a loss of the run with so many decimals: "2.413 bits/byte", or "loss 0.0314" of a task whose loss is no
// number of bits.
func lossText(s api.Status, loss, bits api.Number, decimals int) string {
	if s.Run.PlainLoss {
		return plainText(float64(loss), decimals+1)
	}
	return bitsText(float64(bits), decimals) + " bits/" + sampleOf(s)
}

// plainText is a loss with so many significant digits.
func plainText(loss float64, digits int) string { return fmt.Sprintf("loss %.*g", digits, loss) }

// sampleOf is what a run predicts one of, byte or image.
func sampleOf(s api.Status) string {
	if s.Run.Sample == "" || s.Run.Sample == "char" {
		return "byte" // a coordinator of before
	}
	return s.Run.Sample
}

// troubles tells, once, of each event that is an error and did not end the run, and of workers that were lost and that came in
// their place. What ends it is told at the end.
type troubles struct {
	json     bool
	provoked bool // whoever makes workers be lost tells of them
	seen     time.Time
}

func (t *troubles) tell(w io.Writer, s api.Status) {
	for _, e := range s.Events {
		if !e.At.After(t.seen) {
			continue
		}
		t.seen = e.At
		switch {
		case e.Level == "error" && e.What != string(api.PhaseFailed):
			voice{w, t.json}.say(slog.LevelError, fmt.Sprintf("%s (%s)", e.What, e.Reason))
		case t.provoked:
		case e.Level == "warn" && aboutRing(e.What):
			voice{w, t.json}.say(slog.LevelWarn, e.Reason)
		case e.What == api.RingChanges:
			voice{w, t.json}.say(slog.LevelInfo, e.Reason)
		}
	}
}

// aboutRing says that an event tells of another ring: one that goes on, begins anew or waits for workers.
func aboutRing(what string) bool {
	return what == api.RingChanges || what == string(api.PhaseStarting) || what == string(api.PhaseWaiting)
}

package cmd

import (
	"fmt"
	"io"
	"log/slog"
	"os"
	"sync/atomic"
	"time"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"
	"golang.org/x/term"

	"github.com/rondo-ml/rondo/coordinator/api"
)

// progress shows how a run goes: a bar on a terminal, a line now and then
// otherwise.
type progress interface {
	show(api.Status)
	done()
}

func newProgress(w io.Writer, log *slog.Logger) progress {
	if f, ok := w.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		return &barProgress{out: w}
	}
	return &lineProgress{log: log}
}

// barProgress draws one bar with step, bits per character, characters per
// second and the time left.
type barProgress struct {
	out  io.Writer
	bars *mpb.Progress
	bar  *mpb.Bar
	last atomic.Pointer[api.Status] // read by the bar's own goroutine
}

func (p *barProgress) show(s api.Status) {
	p.last.Store(&s)
	if s.Steps == 0 || s.Generation == 0 {
		return // no ring yet, nothing moves
	}
	if p.bar == nil {
		p.bars = mpb.New(mpb.WithOutput(p.out), mpb.WithWidth(32), mpb.WithAutoRefresh())
		p.bar = p.bars.New(int64(s.Steps), mpb.BarStyle().Lbound("").Rbound("").Filler("█").Tip("█").Padding("░"),
			mpb.PrependDecorators(decor.Name(s.Run.Name+"  ")),
			mpb.AppendDecorators(decor.Any(func(decor.Statistics) string { return barText(*p.last.Load()) })))
	}
	p.bar.SetCurrent(int64(s.Step))
}

func barText(s api.Status) string {
	text := fmt.Sprintf(" %d/%d", s.Step, s.Steps)
	if s.Step > 0 {
		text += fmt.Sprintf("  %.3f bits/char  %s char/s", s.BitsPerChar, rateText(s.Rate))
	}
	if s.SecondsLeft > 0 {
		text += "  " + durationText(time.Duration(s.SecondsLeft*float64(time.Second))) + " left"
	}
	return text
}

func (p *barProgress) done() {
	if p.bar == nil {
		return
	}
	if !p.bar.Completed() {
		p.bar.Abort(false)
	}
	p.bars.Wait()
}

// lineProgress logs where the run stands every linesEvery.
type lineProgress struct {
	log  *slog.Logger
	at   time.Time
	step uint64
}

const linesEvery = 10 * time.Second

func (p *lineProgress) show(s api.Status) {
	if s.Step == p.step || s.Now.Sub(p.at) < linesEvery {
		return
	}
	p.at, p.step = s.Now, s.Step
	p.log.Info("training", "step", fmt.Sprintf("%d/%d", s.Step, s.Steps), "bits/char", fmt.Sprintf("%.3f", s.BitsPerChar),
		"char/s", rateText(s.Rate), "lr", s.LR, "left", durationText(time.Duration(s.SecondsLeft*float64(time.Second))))
}

func (p *lineProgress) done() {}

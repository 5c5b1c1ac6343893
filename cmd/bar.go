package cmd

import (
	"io"
	"os"
	"sync"
	"sync/atomic"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"

	"github.com/rondo-ml/rondo/coordinator/api"
)

// barProgress draws one bar with step, bits per byte, bytes per
// second, the time left and the newest evaluation.
type barProgress struct {
	terminal *os.File
	errout   io.Writer
	told     troubles
	last     atomic.Pointer[api.Status] // read by the bar's own goroutine

	mu   sync.Mutex    // guards bars
	bars *mpb.Progress // nil: no bar on the screen
	bar  *mpb.Bar
}

func (p *barProgress) show(s api.Status) {
	p.last.Store(&s)
	p.told.tell(p, s)
	if s.Steps == 0 || s.Generation == 0 {
		return // no ring yet, nothing moves
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.bars == nil {
		p.bars = mpb.New(mpb.WithOutput(p.terminal), mpb.WithWidth(32), mpb.WithAutoRefresh())
		p.bar = p.bars.New(int64(s.Steps), mpb.BarStyle().Lbound("").Rbound("").Filler("█").Tip("█").Padding("░"),
			mpb.PrependDecorators(decor.Name(s.Run.Name+"  ")),
			mpb.AppendDecorators(decor.Any(func(decor.Statistics) string { return barText(*p.last.Load()) })))
	}
	p.bar.SetCurrent(int64(s.Step))
}

// Write puts whole lines above the bar.
func (p *barProgress) Write(text []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.bars != nil {
		if _, err := p.bars.Write(visible(text)); err == nil {
			return len(text), nil
		}
	}
	return p.errout.Write(text)
}

func (p *barProgress) done() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.bars == nil {
		return
	}
	if !p.bar.Completed() {
		p.bar.Abort(false)
	}
	p.bars.Wait()
	p.bars = nil
}

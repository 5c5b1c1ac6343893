package cmd

import (
	"io"
	"os"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"
	"golang.org/x/term"
)

// cutBar shows how far a cut is, on a terminal; elsewhere nothing.
type cutBar struct {
	out   io.Writer
	bytes bool // are counted, not samples
	bars  *mpb.Progress
	bar   *mpb.Bar
}

// report is called as samples are written.
func (b *cutBar) report(done, total int) {
	if b.bars == nil {
		f, ok := b.out.(*os.File)
		if !ok || !term.IsTerminal(int(f.Fd())) {
			return
		}
		counters, speed := decor.CountersNoUnit("%d/%d  "), decor.AverageSpeed(0, "%.0f/s  ")
		if b.bytes {
			counters, speed = decor.CountersKiloByte("% .1f/% .1f  "), decor.AverageSpeed(decor.SizeB1000(0), "% .1f  ")
		}
		b.bars = mpb.New(mpb.WithOutput(b.out), mpb.WithWidth(32), mpb.WithAutoRefresh())
		b.bar = b.bars.New(int64(total), mpb.BarStyle().Lbound("").Rbound("").Filler("█").Tip("█").Padding("░"),
			mpb.AppendDecorators(counters, speed, decor.AverageETA(decor.ET_STYLE_GO)))
	}
	b.bar.SetCurrent(int64(done))
}

// done leaves the bar as it is; a report behind it begins another one.
func (b *cutBar) done() {
	if b.bars == nil {
		return
	}
	if !b.bar.Completed() {
		b.bar.Abort(false)
	}
	b.bars.Wait()
	b.bars, b.bar = nil, nil
}

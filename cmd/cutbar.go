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
	out  io.Writer
	bars *mpb.Progress
	bar  *mpb.Bar
}

// report is called as samples are written.
func (b *cutBar) report(done, total int) {
	if b.bars == nil {
		f, ok := b.out.(*os.File)
		if !ok || !term.IsTerminal(int(f.Fd())) {
			return
		}
		b.bars = mpb.New(mpb.WithOutput(b.out), mpb.WithWidth(32), mpb.WithAutoRefresh())
		b.bar = b.bars.New(int64(total), mpb.BarStyle().Lbound("").Rbound("").Filler("█").Tip("█").Padding("░"),
			mpb.AppendDecorators(decor.CountersNoUnit("%d/%d  "), decor.AverageSpeed(0, "%.0f/s  "), decor.AverageETA(decor.ET_STYLE_GO)))
	}
	b.bar.SetCurrent(int64(done))
}

// done leaves the bar as it is.
func (b *cutBar) done() {
	if b.bars == nil {
		return
	}
	if !b.bar.Completed() {
		b.bar.Abort(false)
	}
	b.bars.Wait()
}

package cutting

// progress counts the samples that were written.
type progress struct {
	done, total int
	report      func(done, total int)
}

// progressEvery is how many samples go by between reports: a report may draw on a terminal.
const progressEvery = 64

func (p *progress) step() {
	p.done++
	if p.report != nil && (p.done%progressEvery == 0 || p.done == p.total) {
		p.report(p.done, p.total)
	}
}

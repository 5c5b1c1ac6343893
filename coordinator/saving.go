package coordinator

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/rondo-ml/rondo/coordinator/api"
)

// save is a checkpoint under way:
//
//	saving:     every worker writes its part and says Saved
//	verifying:  every worker reads back the part of the next and says Verified
//	committing: the first worker renames the manifest into place
//
// An error anywhere abandons it. Training goes on unless it was the last one.
// What was written of it is removed by the first worker, when all have written
// what they will: until then they may add to it.
type save struct {
	Step, Epoch uint64
	Stage       stage
	Last        bool   // the run ends with it
	Parts       []part // in the order of the view
	Fault       string // why it was abandoned
	Committer   string // the worker that renames the manifest into place
}

type stage string

const (
	stageSaving     stage = "saving"
	stageVerifying  stage = "verifying"
	stageCommitting stage = "committing"
	stageAbandoned  stage = "abandoned"
)

// part is what one worker has done for a checkpoint.
type part struct {
	Saved, Verified bool // Saved: it writes no more, with or without an error
	Files           []*api.FileInfo
}

// maxSaves bounds the checkpoints under way. A worker writes one at a time, so
// there are never more than two: one is being committed when the next starts.
const maxSaves = 4

func (d *decision) saved(e saved) {
	m := d.heard(e.Conn)
	if m == nil || !d.s.inRing(m) || m.Parted || d.s.early(m) {
		return
	}
	if d.settledBefore(m, e.Saved) {
		return
	}
	c := d.saveOf(e.Saved.Step)
	if c != nil && c.Stage == stageCommitting {
		return // a view before had all of it
	}
	if n := len(d.s.Committed); c == nil && n > 0 && e.Saved.Step <= d.s.Committed[n-1].Step {
		return // of one that was committed
	}
	if c == nil {
		if len(d.s.Saves) == maxSaves {
			d.abandonOldest()
			if ended(d.s.Phase) {
				return
			}
		}
		d.s.Saves = append(d.s.Saves, save{Step: e.Saved.Step, Epoch: e.Saved.Epoch, Stage: stageSaving,
			Parts: make([]part, len(d.s.View.Workers))})
		d.needAll()
		if c = d.saveOf(e.Saved.Step); c == nil || ended(d.s.Phase) { // the ring is another by now
			return
		}
	}
	p := &c.Parts[d.s.placeOf(m)]
	if p.Saved {
		return
	}
	c.Last = c.Last || e.Saved.Last
	p.Saved, p.Files = true, e.Saved.Files
	switch {
	case c.Stage == stageAbandoned:
		d.giveUpIfWritten(c)
	case e.Saved.Error != "":
		d.abandon(c, fmt.Sprintf("%s could not write its part: %s", m.Name, e.Saved.Error))
	case c.written():
		d.verifyAll(c)
	}
}

// written says that no worker writes to it any more.
func (c *save) written() bool {
	return !slices.ContainsFunc(c.Parts, func(p part) bool { return !p.Saved })
}

// verifyAll has each worker read back what the next one wrote.
func (d *decision) verifyAll(c *save) {
	if name := twice(c.files()); name != "" {
		d.abandon(c, fmt.Sprintf("two workers wrote the file %s", name))
		return
	}
	c.Stage = stageVerifying
	for i, m := range d.s.inView() {
		next := c.Parts[(i+1)%len(c.Parts)]
		d.send(m, &api.ToWorker{Message: &api.ToWorker_Verify{Verify: &api.Verify{Step: c.Step, Files: next.Files}}})
	}
}

func (d *decision) verified(e verified) {
	m := d.heard(e.Conn)
	c := d.saveOf(e.Step)
	if m == nil || c == nil || c.Stage != stageVerifying || !d.s.inRing(m) || d.s.early(m) {
		return
	}
	i := d.s.placeOf(m)
	if e.Error != "" {
		writer := d.s.View.Workers[(i+1)%len(d.s.View.Workers)].Name
		d.abandon(c, fmt.Sprintf("%s read back what %s wrote: %s", m.Name, writer, e.Error))
		return
	}
	c.Parts[i].Verified = true
	if !slices.ContainsFunc(c.Parts, func(p part) bool { return !p.Verified }) {
		c.Stage, c.Committer = stageCommitting, d.s.View.Workers[0].Name
		d.send(d.s.first(), &api.ToWorker{Message: &api.ToWorker_Commit{Commit: &api.Commit{Step: c.Step, Epoch: c.Epoch, Files: c.files(), Rates: d.s.ratesBefore(c.Step)}}})
	}
}

func (d *decision) committed(e committed) {
	m := d.heard(e.Conn)
	c := d.saveOf(e.Report.Step)
	if m == nil || c == nil || c.Stage != stageCommitting || m.Name != c.Committer {
		return
	}
	if e.Report.Error != "" {
		d.abandon(c, fmt.Sprintf("%s could not commit it: %s", m.Name, e.Report.Error))
		return
	}
	done := Checkpoint{Step: c.Step, Digest: e.Report.Digest, Path: e.Report.Path, At: d.now}
	for _, f := range c.files() {
		done.Bytes += f.Size
	}
	last := c.Last
	d.remove(c.Step)
	d.s.keep(done)
	d.do(recordCheckpoint{done})
	d.noteSparingly(&d.s.Commits, last, note{Level: levelInfo, What: fmt.Sprintf("the checkpoint of step %d is committed (digest %s)", done.Step, short(done.Digest))})
	d.tellAll(&api.CheckpointDone{Step: done.Step, Digest: done.Digest})
	d.overtaken(done.Step)
	d.finishIfDone()
}

// overtaken gives those up that a worker left out while it had no coordinator: each tells of its checkpoints in
// their order, so of what is missing nothing comes any more.
func (d *decision) overtaken(by uint64) {
	for _, c := range slices.Clone(d.s.Saves) {
		if late := d.saveOf(c.Step); late != nil && late.Step < by && (late.Stage == stageSaving || late.Stage == stageAbandoned) {
			late.Stage, late.Fault = stageAbandoned, cmp.Or(late.Fault, fmt.Sprintf("not all workers wrote it, and that of step %d is committed", by))
			d.giveUp(late)
		}
	}
}

// maxCommitted bounds how many checkpoints a state and its status list.
const maxCommitted = 200

// keep adds a checkpoint to the list. A run that went back to an earlier one
// writes the later ones again, so the list stays in order.
func (s *state) keep(c Checkpoint) {
	s.Committed = slices.DeleteFunc(s.Committed, func(old Checkpoint) bool { return old.Step >= c.Step })
	s.Committed = append(s.Committed, c)
	if n := len(s.Committed); n > maxCommitted {
		s.Committed = s.Committed[n-maxCommitted:]
	}
}

// abandon notes that a checkpoint will not be.
func (d *decision) abandon(c *save, why string) {
	c.Stage, c.Fault = stageAbandoned, why
	if !c.Last {
		d.noteSparingly(&d.s.Abandons, false, note{levelError, c.abandoned(), "training goes on"})
	}
	d.giveUpIfWritten(c)
}

func (c *save) abandoned() string {
	return fmt.Sprintf("the checkpoint of step %d was abandoned: %s", c.Step, c.Fault)
}

// abandonOldest makes room for another checkpoint, though the workers may still
// write to the oldest.
func (d *decision) abandonOldest() {
	oldest := &d.s.Saves[0]
	if step := oldest.Step; oldest.Stage != stageAbandoned {
		d.abandon(oldest, fmt.Sprintf("%d later ones are under way; saving takes longer than the steps between, so raise checkpoint.every", maxSaves))
		if oldest = d.saveOf(step); oldest == nil {
			return
		}
	}
	d.giveUp(oldest)
}

// giveUpIfWritten forgets an abandoned checkpoint when no worker adds to it any
// more.
func (d *decision) giveUpIfWritten(c *save) {
	if c.written() {
		d.giveUp(c)
	}
}

// giveUp forgets an abandoned checkpoint and has what was written of it removed.
func (d *decision) giveUp(c *save) {
	gone := *c
	d.remove(gone.Step)
	d.tellAll(&api.CheckpointDone{Step: gone.Step, Error: gone.Fault})
	if gone.Last {
		d.fail(gone.abandoned())
		return
	}
	d.finishIfDone()
}

func (d *decision) tellAll(done *api.CheckpointDone) {
	for i := range d.s.Members {
		d.send(&d.s.Members[i], &api.ToWorker{Message: &api.ToWorker_CheckpointDone{CheckpointDone: done}})
	}
}

// dropSaves forgets what the workers of the last view had under way. What follows on the newest step they do again
// in the next; a checkpoint of an earlier one is made up for. One that is only to be committed still can be, by a worker that stays.
func (d *decision) dropSaves() {
	s := &d.s
	s.Saves = slices.DeleteFunc(s.Saves, func(c save) bool {
		if m := s.byName(c.Committer); c.Stage == stageCommitting && m.live() && s.inRing(m) {
			return false
		}
		if s.View.Live && c.Step < s.Step && !c.Last && c.Stage != stageAbandoned && !s.asked(keeps) {
			d.want(ask{Checkpoint: true, Reason: fmt.Sprintf("in the place of the one of step %d, which a change of the ring has undone", c.Step)})
		}
		return true
	})
}

func (d *decision) remove(step uint64) {
	d.s.Settled = max(d.s.Settled, step)
	d.s.Saves = slices.DeleteFunc(d.s.Saves, func(c save) bool { return c.Step == step })
}

func (d *decision) saveOf(step uint64) *save {
	for i := range d.s.Saves {
		if d.s.Saves[i].Step == step {
			return &d.s.Saves[i]
		}
	}
	return nil
}

// placeOf is a worker's number in the view.
func (s *state) placeOf(m *member) int {
	return slices.IndexFunc(s.View.Workers, func(w ViewWorker) bool { return w.Name == m.Name })
}

func (d *decision) indexOf(m *member) int {
	return slices.IndexFunc(d.s.Members, func(x member) bool { return x.Name == m.Name })
}

// files are the files of all parts, in the order of their names.
func (c *save) files() []*api.FileInfo {
	var all []*api.FileInfo
	for _, p := range c.Parts {
		all = append(all, p.Files...)
	}
	slices.SortStableFunc(all, func(a, b *api.FileInfo) int { return cmp.Compare(a.Name, b.Name) })
	return all
}

// twice is a name that occurs twice among sorted files, or empty.
func twice(files []*api.FileInfo) string {
	for i := 1; i < len(files); i++ {
		if files[i].Name == files[i-1].Name {
			return files[i].Name
		}
	}
	return ""
}

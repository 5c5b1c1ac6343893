package coordinator

import "strings"

// keepSettings has a leader that takes a ring over go on with the settings that the ring has: when to save and to evaluate, for
// one. Its workers were told them when they joined, and all must act alike at the same steps; one that comes now is told the same.
func (c *Coordinator) keepSettings(p *plan, settings map[string]string) {
	if settings == nil { // recorded by an earlier release
		return
	}
	kept, changed, err := c.cfg.Run.WithSettings(settings)
	if err != nil {
		c.cfg.Log.Warn("the settings of the run in the record are not those of this release; its ring goes on with ours", "error", err)
		return
	}
	if len(changed) > 0 {
		c.cfg.Log.Warn("the ring goes on with the settings that it has, not with those of this run file; they count when the run is stopped and begun again",
			"differ", strings.Join(changed, "; "))
	}
	p.Settings, p.Keep, p.KeepEvery = settings, kept.Checkpoint.Keep, uint64(kept.Checkpoint.KeepEvery)
	if p.EvalEvery > 0 {
		p.EvalEvery = uint64(kept.Eval.Every)
	}
}

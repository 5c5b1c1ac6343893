package cluster

import (
	"testing"
	"time"
)

// TestDev applies the overlay for one node, and nothing else, and waits for the
// end of the run: its digest is that of `rondo train`, and no pod has restarted.
func TestDev(t *testing.T) {
	ctx, c := start(t)
	r := &training{t: t, ctx: ctx, c: c, ns: "dev"}
	o := r.overlay("dev", shortRun)

	begun := time.Now()
	r.begin(o)
	r.strength(2) // the run may begin with one, and the other has said nothing of its plan before it joins
	r.logMemory("under way")
	s, _ := r.wait("end of the run", func(s status) bool { return s.Phase == "finished" })
	t.Logf("%d steps after %.1f s", s.Step, time.Since(begun).Seconds())
	r.logMemory("after the end")
	r.wantNoRestarts()
	r.wantDigest(o.runFile, newest(s))
	r.kubectl("delete", "namespace", r.ns, "--wait=false")
}

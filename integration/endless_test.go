package integration

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/rondo-ml/rondo/coordinator/api"
)

// endless has a run go on until it is asked to stop. So what a test does to it
// finds it training, however slow the test or fast the run.
const endless = "steps=1000000"

// WantCalm stops an endless run, wants all processes of the cluster and those
// besides to leave with it, and its weights to be those of a run that nothing
// disturbs.
func (c *Cluster) WantCalm(besides ...*Process) {
	c.lab.t.Helper()
	if r := c.Steer("stop"); r.Code != 0 {
		c.lab.t.Fatalf("rondo stop: exit status %d\n%s", r.Code, r.Stderr)
	}
	c.WantLeft(130)
	for _, p := range besides {
		if r := p.Wait(); r.Code != 130 {
			c.lab.t.Errorf("%s: exit status %d, want 130\n%s", p.name, r.Code, r.Stderr)
		}
	}
	c.lab.wantReplayed("run.yaml", c.Dir, c.sets...)
}

// interrupted trains an endless run in dir, presses Ctrl-C when so many more steps are done, and returns how it ended.
func (l *Lab) interrupted(file, dir string, more []string, steps uint64) Result {
	l.t.Helper()
	p := l.Start(append([]string{"train", file, "--status-addr", "127.0.0.1:0", "--set", "checkpoint.dir=" + dir}, more...)...)
	began := p.WaitStatus("the ring", func(s api.Status) bool { return s.Phase == api.PhaseTraining }).Step
	p.WaitStep(began + steps)
	p.Signal(interrupt)
	r := p.Wait()
	if r.Code != 130 {
		l.t.Fatalf("Ctrl-C: exit status %d, want 130\n%s%s", r.Code, r.Stdout, r.Stderr)
	}
	return r
}

// wantReplayed computes all steps of a run again, in one process, and wants the
// run's last checkpoint. The ones before are removed: the replay would begin with
// the newest of them.
func (l *Lab) wantReplayed(file, dir string, flags ...string) {
	l.t.Helper()
	saved, err := filepath.Glob(l.Path(dir, "step-*"))
	if err != nil || len(saved) == 0 {
		l.t.Fatalf("%s holds no checkpoint (%v)", dir, err)
	}
	slices.Sort(saved)
	last := len(saved) - 1
	for _, path := range saved[:last] {
		if err := os.RemoveAll(path); err != nil {
			l.t.Fatal(err)
		}
	}
	step := strings.TrimLeft(strings.TrimPrefix(filepath.Base(saved[last]), "step-"), "0")
	out := l.Must(append(append([]string{"replay", file, "--step", step}, flags...), "--set", "checkpoint.dir="+dir)...)
	if !regexp.MustCompile(`(?m)^step \d+, \d+ steps? after 0: `).MatchString(out) || !strings.Contains(out, "equal to the run's checkpoint") {
		l.t.Errorf("%s, computed again, says\n%s", dir, out)
	}
}

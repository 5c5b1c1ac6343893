package cluster

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/rondo-ml/rondo/integration/cluster/lab"
)

// Bounds on resident memory: of a coordinator, its etcd in the process, and of a worker beyond the plan that it prints.
const (
	coordinatorMemory = 120e6
	workerMemory      = 60e6
)

var planLine = regexp.MustCompile(`"plan":"(\d+) MiB`)

// logMemory prints the resident memory of every pod's program, and asks that it is within bounds.
func (r *training) logMemory(when string) {
	r.t.Helper()
	for name, pod := range r.pods() {
		processes, err := lab.Processes(pod)
		if err != nil {
			r.t.Error(err)
			continue
		}
		for _, p := range processes {
			switch program, _, _ := strings.Cut(p.Command, " "); {
			case strings.HasSuffix(program, "etcd"):
				r.t.Logf("%s: etcd %s has %.0f MB resident", when, name, float64(p.RSS)/1e6)
			case strings.Contains(p.Command, " coordinator "):
				r.t.Logf("%s: coordinator %s has %.0f MB resident (bound: %.0f MB)", when, name, float64(p.RSS)/1e6, coordinatorMemory/1e6)
				if p.RSS > coordinatorMemory {
					r.t.Errorf("coordinator %s has %d bytes resident", name, p.RSS)
				}
			case strings.Contains(p.Command, " worker "):
				plan := r.plan(name)
				r.t.Logf("%s: worker %s has %.0f MB resident, and plans %.0f MB (bound: %.0f MB more)", when, name, float64(p.RSS)/1e6, plan/1e6, workerMemory/1e6)
				if float64(p.RSS) > plan+workerMemory {
					r.t.Errorf("worker %s has %d bytes resident, and its plan has %.0f", name, p.RSS, plan)
				}
			}
		}
	}
}

// plan is the memory that a worker said it needs, in bytes, as it said last.
func (r *training) plan(pod string) float64 {
	r.t.Helper()
	all := planLine.FindAllStringSubmatch(r.kubectl("logs", pod), -1)
	if len(all) == 0 {
		r.t.Fatalf("worker %s has said nothing of its plan", pod)
	}
	mib, err := strconv.Atoi(all[len(all)-1][1])
	if err != nil {
		r.t.Fatal(err)
	}
	return float64(mib) * (1 << 20)
}

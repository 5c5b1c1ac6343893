//go:build browser

package web

import (
	"crypto/sha256"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/rondo-ml/rondo/coordinator/api"
)

const demoSteps = 1200

var demoStart = time.Date(2026, 3, 14, 9, 26, 53, 0, time.UTC)

// ripple is a made-up noise in [-1, 1].
func ripple(s uint64, site float64) float64 {
	x := math.Sin(float64(s)*12.9898+site*78.233) * 43758.5453
	return 2*(x-math.Floor(x)) - 1
}

// point is a step of a made-up run.
type point struct {
	Step              uint64
	Seconds           float64 // since it began
	Loss, BitsPerChar api.Number
	LR                float64
	Norm              api.Number
	Rate              float64 // targets per second
	Compute, Ring     float64 // seconds
	Wait              float64
}

func demoPoint(s uint64) point {
	x := float64(s)
	bits := 1.9 + 5.6*math.Exp(-x/40) + 1.3*math.Exp(-x/400) + 0.09*ripple(s, 1)
	rate := 41800 + 1700*ripple(s, 2) - 5200*math.Exp(-math.Pow((x-520)/30, 2))
	step := 4096 / rate
	return point{
		Step: s, Seconds: x * 0.098, Loss: api.Number(bits * math.Ln2), BitsPerChar: api.Number(bits),
		LR:      2e-3 * math.Min(x/50, 1) * (1 - math.Max(x-50, 0)/(demoSteps-50)),
		Norm:    api.Number(0.42 + 1.6*math.Exp(-x/60) + 0.12*math.Abs(ripple(s, 3))),
		Rate:    rate,
		Compute: step * 0.78, Ring: step * (0.12 + 0.02*ripple(s, 4)), Wait: step * 0.06,
	}
}

func demoStatus(workers int, step uint64) api.Status {
	const lanes = 8
	p := demoPoint(max(step, 1))
	now := demoStart.Add(time.Duration(p.Seconds*1e9) + 3*time.Second)
	st := api.Status{
		Run: api.Run{
			Schedule: []api.Rate{{Step: 0, LR: 4e-5}, {Step: 50, LR: 2e-3}, {Step: 1199, LR: 2e-6}},
			Name:     "go-source", ID: "01K7Q4ZJ8M2T", File: demoFile, Model: "charlm", Parameters: 428160,
			DataHash: strings.Repeat("4be10c97", 8), Version: "0.1.0", Batch: 64, Length: 64, Leader: "coordinator-0", Dir: "runs/go-source",
		},
		Phase: api.PhaseTraining, Reason: fmt.Sprintf("%d of %d workers in the ring", workers, workers), Now: now, Started: demoStart,
		Step: step, Steps: demoSteps, Epoch: step / 400, Loss: p.Loss, BitsPerChar: p.BitsPerChar, LR: p.LR, Rate: p.Rate,
		SecondsLeft: float64(demoSteps-min(step, demoSteps)) * 0.098, Generation: 1, Lanes: lanes, Expected: workers,
	}
	for w := range workers {
		name := fmt.Sprintf("worker-%d", w)
		st.Workers = append(st.Workers, api.Worker{
			Name: name, Host: "127.0.0.1", PID: 48120 + w, State: "training",
			FirstLane: w * lanes / workers, EndLane: (w + 1) * lanes / workers, Step: step, Tier: "avx2", Threads: 1,
			Compute: 0.0741 + 0.004*ripple(uint64(w), 5), Ring: 0.0118, Wait: 0.0062 - 0.004*ripple(uint64(w), 5), Data: 0.0011, Total: 0.0951,
			Doing: fmt.Sprintf("computes step %d for 0.1 s", step), Sent: 31.4e6, Next: fmt.Sprintf("worker-%d", (w+1)%workers), Heap: 148 << 20, Seen: now.Add(-80 * time.Millisecond),
		})
		st.Events = append(st.Events, api.Event{At: demoStart.Add(time.Duration(w) * 100 * time.Millisecond), Level: "info", What: name + " joined", Reason: fmt.Sprintf("worker %d of %d", w+1, workers)})
	}
	st.Events = append(st.Events, api.Event{At: demoStart.Add(time.Second), Level: "info", What: "the ring changes", Reason: "all expected workers are ready"})
	for s := uint64(200); s <= step; s += 200 {
		q := demoPoint(s)
		at := demoStart.Add(time.Duration(q.Seconds * 1e9))
		st.Evaluations = append(st.Evaluations, api.Evaluation{Step: s, Loss: (q.BitsPerChar + 0.12) * math.Ln2, BitsPerChar: q.BitsPerChar + 0.12, Seconds: 2.1})
		st.Checkpoints = append(st.Checkpoints, api.Checkpoint{Step: s, Digest: fmt.Sprintf("%x", sha256.Sum256([]byte(demoPath(s)))), Path: demoPath(s), At: at, Bytes: 5140480})
		st.Events = append(st.Events, api.Event{At: at, Step: s, Level: "info", What: fmt.Sprintf("checkpoint of step %d committed", s), Reason: "every 200 steps"})
	}
	if step > 520 {
		at := demoStart.Add(51 * time.Second)
		st.Events = append(st.Events, api.Event{At: at, Step: 521, Level: "warn", What: "worker-1 is slow", Reason: "its steps take 1.4 times the median"})
	}
	slices.SortStableFunc(st.Events, func(a, b api.Event) int { return a.At.Compare(b.At) })
	return st
}

const demoFile = `name: go-source
seed: 1
model:
  kind: charlm
  cell: lstm
  hidden: 256
  layers: 1
  embed: 64
data:
  train: shards/train
  valid: shards/valid
batch:
  global: 64
  lanes: 8
  length: 64
optimizer:
  kind: adam
  lr: 0.002
  clip: 1
schedule:
  kind: linear
  warmup: 50
steps: 1200
eval:
  every: 200
checkpoint:
  dir: runs/go-source
  every: 200
  keep: 3
`

func demoPath(step uint64) string { return fmt.Sprintf("runs/go-source/step-%09d", step) }

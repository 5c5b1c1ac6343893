package coordinator

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil/promlint"

	"github.com/rondo-ml/rondo/coordinator/api"
)

// scrape is what /metrics shows of a board, by series: name, and labels as
// `name{a="b"}`.
func scrape(t *testing.T, b *board) map[string]float64 {
	t.Helper()
	all, err := b.metrics.registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	series := map[string]float64{}
	for _, family := range all {
		for _, m := range family.Metric {
			var labels []string
			for _, l := range m.Label {
				labels = append(labels, fmt.Sprintf("%s=%q", l.GetName(), l.GetValue()))
			}
			name := family.GetName()
			if len(labels) > 0 {
				name += "{" + strings.Join(labels, ",") + "}"
			}
			series[name] = m.GetGauge().GetValue() + m.GetCounter().GetValue() + float64(m.GetHistogram().GetSampleCount())
		}
	}
	return series
}

// saves plays a checkpoint of a run of one worker until it is committed, or
// given up with an error.
func saves(step uint64, err string) []event {
	return []event{saved{1, &api.Saved{Step: step, Files: []*api.FileInfo{{Name: "f"}}}}, verified{Conn: 1, Step: step},
		committed{1, &api.Committed{Step: step, Digest: fmt.Sprint("d", step), Error: err}}}
}

func TestMetricsOfARun(t *testing.T) {
	b, clock, s := boardOf(1)
	b.run.Version, b.run.ID = "1.2.3", "r1"
	expires := time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)
	b.expiry = func() time.Time { return expires }
	s = play(b, clock, s, joins(1)...)
	if m := scrape(t, b); m["rondo_workers"] != 1 || m[`rondo_phase{phase="starting"}`] != 1 {
		t.Errorf("before a step: %v", m)
	} else if _, ok := m["rondo_loss_nats"]; ok {
		t.Error("there is a loss before the first step")
	}
	s = play(b, clock, s, stepReported{1, report(0, time.Millisecond)}, stepReported{1, report(1, time.Millisecond)})
	s = play(b, clock, s, saves(2, "")...)
	s = play(b, clock, s, stepReported{1, report(2, time.Millisecond)})
	s = play(b, clock, s, saves(3, "no space left on device")...)
	b.recordDown.Store(true)
	m := scrape(t, b)
	at := float64(clock.Now().Unix())
	for series, want := range map[string]float64{
		"rondo_leader": 1, "rondo_record_up": 0, "rondo_step": 3, "rondo_steps_total": 3, "rondo_planned_steps": 100, "rondo_targets_total": 1500,
		"rondo_last_step_duration_seconds": 0.004, "rondo_last_step_timestamp_seconds": at - 3, "rondo_loss_nats": 2, "rondo_learning_rate": 0.1,
		"rondo_checkpoints_total": 1, "rondo_checkpoint_failures_total": 1, "rondo_checkpoint_step": 2, "rondo_last_checkpoint_timestamp_seconds": at - 4,
		"rondo_last_checkpoint_duration_seconds": 3, "rondo_step_seconds": 3, "rondo_certificate_expiry_timestamp_seconds": float64(expires.Unix()), "rondo_stalled": 0, "rondo_diverging": 0,
		`rondo_run_info{id="r1",run="test"}`: 1, `rondo_worker_last_seen_timestamp_seconds{worker="worker-0"}`: at, `rondo_worker_step{worker="worker-0"}`: 3,
		`rondo_worker_heap_bytes{worker="worker-0"}`: 77, `rondo_worker_ring_sent_bytes_total{worker="worker-0"}`: 3000,
	} {
		if got, ok := m[series]; !ok || !near(got, want) && got != want {
			t.Errorf("%s is %v (there: %v), want %v", series, got, ok, want)
		}
	}
	whole := 0.0
	for series, v := range m {
		if strings.HasPrefix(series, "rondo_worker_seconds_total{") {
			whole += v
		}
		if strings.HasPrefix(series, `rondo_build_info{goversion="go`) && !strings.Contains(series, `version="1.2.3"`) {
			t.Errorf("build: %s", series)
		}
	}
	if !near(whole, 0.012) {
		t.Errorf("three steps of 4 ms have parts of %v s", whole)
	}

	// While training stands still nothing is trained on.
	s = pass(b, clock, s, 9*time.Second)
	if m := scrape(t, b); m["rondo_stalled"] != 1 || m["rondo_targets_per_second"] != 0 {
		t.Errorf("while it stands still: stalled %v, rate %v", m["rondo_stalled"], m["rondo_targets_per_second"])
	}

	// The series of a worker end with it.
	play(b, clock, s, workerLost{Conn: 1, Cause: "killed", Ours: true}, tick{})
	for series := range scrape(t, b) {
		if strings.Contains(series, "worker=") {
			t.Errorf("the worker is gone, and there is %s", series)
		}
	}

	// One that stands by says nothing of the run.
	b.standBy("there:1", "the coordinator at there:1 leads")
	m = scrape(t, b)
	if up, ok := m["rondo_leader"]; !ok || up != 0 {
		t.Errorf("leader: %v %v", up, ok)
	}
	if step, ok := m["rondo_step"]; ok {
		t.Errorf("a standby says it is at step %v", step)
	}
}

// Names, units and help are as Prometheus wants them, and every run metric has
// the prefix.
func TestMetricsConventions(t *testing.T) {
	b, clock, s := trains(1, 3)
	play(b, clock, s, append(saves(3, ""), evaluated{1, &api.Evaluated{Step: 3, Loss: 1}})...)
	all, err := b.metrics.registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	own := all[:0]
	for _, family := range all {
		name := family.GetName()
		if strings.HasPrefix(name, "rondo_") {
			own = append(own, family)
		} else if !strings.HasPrefix(name, "go_") && !strings.HasPrefix(name, "process_") {
			t.Errorf("metric %s has no prefix", name)
		}
	}
	if len(own) < 30 {
		t.Errorf("only %d metrics", len(own))
	}
	problems, err := promlint.NewWithMetricFamilies(own).Lint()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range problems {
		t.Errorf("%s: %s", p.Metric, p.Text)
	}
}

// broken is a Store that fails as it is told.
type broken struct {
	Store
	err error
}

func (b *broken) Put(context.Context, string, []byte) error { return b.err }

func TestRecordUp(t *testing.T) {
	inner := &broken{}
	up := false
	w := &watchedStore{inner, func(is bool) { up = is }}
	for _, c := range []struct {
		err  error
		want bool
	}{{nil, true}, {errors.New("no space"), false}, {context.Canceled, false}, {ErrNotLeader, true}, {context.Canceled, true}, {context.DeadlineExceeded, false}} {
		inner.err = c.err
		if err := w.Put(t.Context(), "k", nil); !errors.Is(err, c.err) {
			t.Errorf("%v became %v", c.err, err)
		}
		if up != c.want {
			t.Errorf("after %v the record is up: %v", c.err, up)
		}
	}
}

// Each line of a coordinator's log says of which run it is and who wrote it,
// and one that stands by says what it waits for.
func TestLogOfACoordinator(t *testing.T) {
	var out lockedBuilder
	memory := NewMemoryStores()
	cfg := testConfig(t, 1)
	cfg.Store, cfg.Name = memory.Store(), "first"
	first, err := Start(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	cfg.Store, cfg.Name, cfg.Log = memory.Store(), "second", slog.New(slog.NewJSONHandler(&out, nil))
	second := start(t, cfg)
	await(t, second, "standing by", func(s api.Status) bool { return s.Run.Leader == first.Addr() })
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	await(t, second, "the lead", func(s api.Status) bool { return s.Phase == api.PhaseWaiting })
	joinAll(t, second, 1)
	await(t, second, "a start", happened("starting"))
	stoodBy, led := false, false
	for _, line := range strings.Split(strings.TrimSpace(out.String()), "\n") {
		var fields map[string]any
		if err := json.Unmarshal([]byte(line), &fields); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		if fields["run"] != "test" || fields["coordinator"] != "second" {
			t.Errorf("the line does not say whose it is: %s", line)
		}
		if fields["msg"] == "standing by" && strings.Contains(fmt.Sprint(fields["reason"]), first.Addr()+" leads") {
			stoodBy = true
		}
		if fields["msg"] == "worker-0 joined from here" {
			led = fields["run_id"] == second.Status().Run.ID
		}
	}
	if !stoodBy || !led {
		t.Errorf("stood by: %v, names the run's id: %v, in\n%s", stoodBy, led, out.String())
	}
}

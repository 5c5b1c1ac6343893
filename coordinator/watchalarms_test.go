package coordinator

import (
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rondo-ml/rondo/coordinator/api"
)

// An alarm is told when it begins and when it is over, once; a failure is told,
// too.
func TestAlarmNews(t *testing.T) {
	b, clock, s := boardOf(1)
	known := map[alarmKey]api.Alarm{}
	s = play(b, clock, s, joins(1)...)
	s = play(b, clock, s, stepReported{1, report(0, time.Millisecond)})
	if news := b.alarmNews(known); len(news) != 0 {
		t.Errorf("of a sound run: %+v", news)
	}
	s = play(b, clock, s, evaluated{1, &api.Evaluated{Step: 1, Loss: math.NaN()}})
	news := b.alarmNews(known)
	if len(news) != 1 || news[0].Kind != api.AlarmDiverging || news[0].Over || news[0].Run != "test" || news[0].Step != 1 {
		t.Errorf("of a loss that is not finite: %+v", news)
	}
	if again := b.alarmNews(known); len(again) != 0 {
		t.Errorf("told twice: %+v", again)
	}
	s = play(b, clock, s, evaluated{1, &api.Evaluated{Step: 2, Loss: 1}})
	if news := b.alarmNews(known); len(news) != 1 || !news[0].Over {
		t.Errorf("when it is over: %+v", news)
	}
	play(b, clock, s, workerFailed{1, &api.Failed{Kind: api.Failed_NON_FINITE, Error: "step 2: NaN"}})
	if news := b.alarmNews(known); len(news) != 1 || news[0].Kind != api.AlarmFailed || !strings.Contains(news[0].What, "NaN") {
		t.Errorf("of a failure: %+v", news)
	}
}

// Workers that became slow in the same moment are told one by one.
func TestAlarmNewsOfTwoWorkers(t *testing.T) {
	b, clock, s := boardOf(2)
	known := map[alarmKey]api.Alarm{}
	play(b, clock, s, joins(2)...)
	w := slow{since: clock.Now(), told: true, times: 2}
	b.alarms.slow["worker-0"], b.alarms.slow["worker-1"] = w, w
	if news := b.alarmNews(known); len(news) != 2 || news[0].Worker != "worker-0" || news[1].Worker != "worker-1" {
		t.Errorf("of two: %+v", news)
	}
	delete(b.alarms.slow, "worker-0")
	if news := b.alarmNews(known); len(news) != 1 || !news[0].Over || news[0].Worker != "worker-0" {
		t.Errorf("of the one that is fast again: %+v", news)
	}
}

// Close waits for what is told of the end.
func TestOnAlarm(t *testing.T) {
	path := filepath.Join(t.TempDir(), "alarms")
	cfg := testConfig(t, 1)
	cfg.OnAlarm = "cat >> " + path
	c := start(t, cfg)
	f := joinAll(t, c, 1)[0]
	f.send(&api.FromWorker{Message: &api.FromWorker_Failed{Failed: &api.Failed{Kind: api.Failed_NON_FINITE, Error: "step 0: NaN", Step: 0}}})
	f.end()
	result(t, c)
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(path)
	if err != nil || strings.Count(string(text), "\n") != 1 || !strings.Contains(string(text), `"kind":"failed"`) || !strings.Contains(string(text), `"over":false`) {
		t.Errorf("told: %s %v", text, err)
	}
}

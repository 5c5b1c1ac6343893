package cmd

import (
	"encoding/json"
	"math"
	"strings"
	"testing"

	"github.com/rondo-ml/rondo/coordinator/api"
)

func TestPrintStatus(t *testing.T) {
	training := api.Status{Run: api.Run{Name: "r", Sample: "char"}, Phase: api.PhaseTraining, Reason: "why", Step: 7, Steps: 9,
		BitsPerChar: 2.5, LR: 0.0015680000000000002, Rate: 1234, SecondsLeft: 5,
		Workers: []api.Worker{{Name: "w", State: "training", EndLane: 4, Share: 0.714, Ceiling: 68e9}, {Name: "v", State: "joined"}}}
	stalled := training
	stalled.Rate, stalled.SecondsLeft = 0, 0
	stalled.Alarms = []api.Alarm{{Kind: api.AlarmStalled, What: "training stands still: no step since noon"}}
	images := training
	images.Run.Sample = "image"
	images.Evaluations = []api.Evaluation{{Step: 6, BitsPerChar: 0.25, Accuracy: 0.9625,
		Measures: []api.Measure{{Name: "accuracy", Value: 0.9625, Unit: "share"}, {Name: "top-5", Value: 0.99, Unit: "share"}}}}
	numbers := training
	numbers.Run.Sample, numbers.Run.PlainLoss, numbers.Loss, numbers.BitsPerChar = "row", true, 31.4159, 45.3
	numbers.Evaluations = []api.Evaluation{{Step: 6, Loss: 0.000123456, BitsPerChar: 0.000178, Measures: []api.Measure{{Name: "R²", Value: 0.91}}}}
	astray := training
	astray.BitsPerChar, astray.Evaluations = 6e25, []api.Evaluation{{Step: 6, BitsPerChar: api.Number(math.NaN())}}
	for name, c := range map[string]struct {
		s     api.Status
		has   []string
		hasnt string
	}{
		"training": {training, []string{"step 7 of 9, 2.500 bits/byte, 1.2k byte/s, lr 0.001568, 5s left\n", "w       0-3", "v       -  ", "of its ceiling\n", "  71 % of 68 GFLOP/s\n", "  not known\n"}, "held"},
		"stalled":  {stalled, []string{"! training stands still: no step since noon\n", "step 7 of 9, 2.500 bits/byte, 0 byte/s, lr 0.001568\n"}, "left"},
		"images":   {images, []string{"held out after step 6: 0.250 bits/image, 96.25 % right, top-5 99.00 %\n"}, "byte"},
		"numbers":  {numbers, []string{"step 7 of 9, loss 31.42, 1.2k row/s", "held out after step 6: loss 0.0001235, R² 0.91\n"}, "bits"},
		"astray":   {astray, []string{"6.000e+25 bits/byte", "held out after step 6: NaN bits/byte"}, "0.000 bits"},
		"waiting":  {api.Status{Run: api.Run{Name: "r"}, Phase: api.PhaseWaiting, Reason: "1 of 2 workers joined", Steps: 9}, []string{"step 0 of 9\n"}, "bits"},
		"standby": {api.Status{Run: api.Run{Name: "r"}, Phase: api.PhaseStandby, Reason: "the coordinator at b:1 leads; this one takes over when it is gone"},
			[]string{"r: standby (the coordinator at b:1 leads; this one takes over when it is gone)\n"}, "step"},
	} {
		text, err := json.Marshal(c.s)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		var back api.Status // as it comes from a page
		if err := json.Unmarshal(text, &back); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		var out strings.Builder
		if err := printStatus(&out, back); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		for _, want := range c.has {
			if !strings.Contains(out.String(), want) {
				t.Errorf("%s: lacks %q:\n%s", name, want, &out)
			}
		}
		if strings.Contains(out.String(), c.hasnt) {
			t.Errorf("%s: has %q:\n%s", name, c.hasnt, &out)
		}
	}
}

// Why a run does not move is told with what each worker does.
func TestPrintWhy(t *testing.T) {
	worker := api.Worker{Name: "w", State: "training", Step: 7, Doing: "computes step 7 for 3.0 s"}
	for want, s := range map[string]api.Status{
		"it moves: 7 of 9 steps are done": {Phase: api.PhaseTraining, Step: 7, Steps: 9, Workers: []api.Worker{worker}},
		"training: no step for 3.0 s\n  w computes step 7 for 3.0 s\nw  training  step 7  computes step 7 for 3.0 s\n": {
			Phase: api.PhaseTraining, Step: 7, Steps: 9, Why: "no step for 3.0 s; w computes step 7 for 3.0 s", Workers: []api.Worker{worker}},
		"waiting: 1 of at least 2 workers": {Phase: api.PhaseWaiting, Reason: "1 of at least 2 workers"},
	} {
		var out strings.Builder
		if err := printWhy(&out, s); err != nil || !strings.HasPrefix(out.String(), want) {
			t.Errorf("%v: printed %q, want %q", err, &out, want)
		}
	}
}

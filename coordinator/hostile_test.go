package coordinator

import (
	"encoding/json"
	"math"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	"github.com/rondo-ml/rondo/coordinator/api"
	"github.com/rondo-ml/rondo/coordinator/layers"
)

// What cannot be right ends the stream that it came by, with an error that
// names the field, and nothing else.
func TestMalformedFirstMessages(t *testing.T) {
	c := start(t, testConfig(t, 1))
	named := func(name string) *api.FromWorker {
		h := hello(&c.cfg, name)
		return &api.FromWorker{Message: &api.FromWorker_Hello{Hello: h}}
	}
	nameless := named("x")
	nameless.GetHello().Incarnation = ""
	wordy := named("x")
	wordy.GetHello().Host = strings.Repeat("h", api.MaxText+1)
	fields := named("x")
	for i := range maxBits {
		fields.GetHello().Bits[strings.Repeat("f", i+1)] = ""
	}
	rated := named("x")
	rated.GetHello().CheckpointRates = []*api.RateChange{{Step: 3, Lr: math.Inf(1)}}
	endless := named("x")
	endless.GetHello().EpochSteps = math.NaN()
	for want, m := range map[string]*api.FromWorker{
		"hello.epoch_steps: NaN":     endless,
		"hello.checkpoint_rates":     rated,
		"without content":            {},
		"hello.name":                 named(""),
		"letters, digits":            named("worker 0"),
		"hello.name: \"worker-0000":  named("worker-" + strings.Repeat("0", maxName)),
		"hello.incarnation":          nameless,
		"hello.host":                 wordy,
		"hello.bits":                 fields,
		"says hello once, and first": {Message: &api.FromWorker_Heartbeat{Heartbeat: &api.Heartbeat{}}},
	} {
		f := dial(t, c.Addr(), "hostile", c.cfg.Credentials.Client())
		f.send(m)
		if s := f.fails(); s.Code() != codes.InvalidArgument || !strings.Contains(s.Message(), want) {
			t.Errorf("want %q, got %v", want, s)
		}
	}
	joinAll(t, c, 1)
}

func TestMalformedLaterMessages(t *testing.T) {
	step := func(r *api.StepReport) *api.FromWorker {
		return &api.FromWorker{Message: &api.FromWorker_Step{Step: r}}
	}
	for want, m := range map[string]*api.FromWorker{
		"the run has 4 steps":      step(&api.StepReport{Step: 4}),
		"a number is not finite":   step(&api.StepReport{Loss: math.NaN()}),
		"lr +Inf":                  step(&api.StepReport{Lr: math.Inf(1)}),
		"number is not finite":     step(&api.StepReport{Decision: &api.Decision{Lr: math.NaN()}}),
		"a time of -1":             step(&api.StepReport{TotalNs: -1}),
		"says hello once":          {Message: &api.FromWorker_Hello{Hello: &api.Hello{Name: "x", Incarnation: "i"}}},
		"finished.step":            {Message: &api.FromWorker_Finished{Finished: &api.Finished{Step: 5}}},
		"saved.files: a file":      {Message: &api.FromWorker_Saved{Saved: &api.Saved{Files: []*api.FileInfo{{}}}}},
		"verified.error":           {Message: &api.FromWorker_Verified{Verified: &api.Verified{Error: strings.Repeat("e", api.MaxText+1)}}},
		"committed.step":           {Message: &api.FromWorker_Committed{Committed: &api.Committed{Step: math.MaxUint64}}},
		"failed.peer":              {Message: &api.FromWorker_Failed{Failed: &api.Failed{Peer: strings.Repeat("p", api.MaxText+1)}}},
		"evaluated: a count":       {Message: &api.FromWorker_Evaluated{Evaluated: &api.Evaluated{Targets: -1}}},
		"outcome: a table of 0 of": {Message: &api.FromWorker_Evaluated{Evaluated: &api.Evaluated{Step: 2, Outcome: []byte(`{"step":2,"classes":{"of":-1}}`)}}},
		"outcome: it is of step 3": {Message: &api.FromWorker_Evaluated{Evaluated: &api.Evaluated{Step: 2, Outcome: []byte(`{"step":3}`)}}},
		"without content, or of a": {},
		"heartbeat: a count":       {Message: &api.FromWorker_Heartbeat{Heartbeat: &api.Heartbeat{Received: -1}}},
		"heartbeat.awaits: 65":     {Message: &api.FromWorker_Heartbeat{Heartbeat: &api.Heartbeat{Awaits: make([]*api.Await, maxAwaits+1)}}},
		"waterfall.step":           {Message: &api.FromWorker_Waterfall{Waterfall: &api.Waterfall{Step: 5}}},
		"waterfall.spans: span 0":  {Message: &api.FromWorker_Waterfall{Waterfall: &api.Waterfall{Spans: []*api.Span{{BeginNs: 2, EndNs: 1}}}}},
		"waterfall.spans: 4097":    {Message: &api.FromWorker_Waterfall{Waterfall: &api.Waterfall{Spans: make([]*api.Span, api.MaxFallSpans+1)}}},
		"a time of -3":             {Message: &api.FromWorker_Heartbeat{Heartbeat: &api.Heartbeat{Link: &api.LinkFigures{RttNs: -3}}}},
		"heartbeat.awaits.lacks":   {Message: &api.FromWorker_Heartbeat{Heartbeat: &api.Heartbeat{Awaits: []*api.Await{{Lacks: strings.Repeat("l", api.MaxText+1)}}}}},
	} {
		t.Run(want, func(t *testing.T) {
			c := start(t, testConfig(t, 1))
			f := joinAll(t, c, 1)[0]
			f.send(m)
			if s := f.fails(); s.Code() != codes.InvalidArgument || !strings.Contains(s.Message(), want) {
				t.Errorf("got %v", s)
			}
			await(t, c, "why the worker was lost", func(s api.Status) bool { return s.Phase == api.PhaseWaiting && strings.Contains(s.Reason, want) })
		})
	}
}

// A message beyond the limit is refused unread.
func TestOversized(t *testing.T) {
	c := start(t, testConfig(t, 1))
	f := dial(t, c.Addr(), "hostile", c.cfg.Credentials.Client())
	h := hello(&c.cfg, "worker-0")
	h.Host = strings.Repeat("h", maxMessage+1)
	f.send(&api.FromWorker{Message: &api.FromWorker_Hello{Hello: h}})
	if s := f.fails(); s.Code() != codes.ResourceExhausted {
		t.Errorf("got %v", s)
	}
	joinAll(t, c, 1)
}

// There is a most to the streams that one coordinator serves.
func TestTooManyStreams(t *testing.T) {
	h := newHub(2)
	for range 2 {
		if _, _, err := h.open(); err != nil {
			t.Fatal(err)
		}
	}
	if _, _, err := h.open(); status.Code(err) != codes.ResourceExhausted {
		t.Errorf("a third stream of two: %v", err)
	}
}

// A worker that does not read is dropped when its queue is full, and sending
// to it never blocks.
func TestWorkerThatDoesNotRead(t *testing.T) {
	h := newHub(2)
	slow, _, _ := h.open()
	other, _, _ := h.open()
	for range queued + 10 {
		h.send(slow.conn, &api.ToWorker{})
	}
	h.send(other.conn, &api.ToWorker{})
	if s := status.Convert(slow.failure()); s.Code() != codes.ResourceExhausted || !strings.Contains(s.Message(), "does not read") {
		t.Errorf("got %v", s)
	}
	if other.failure() != nil || len(other.out) != 1 {
		t.Errorf("the other stream: %v, %d messages", other.failure(), len(other.out))
	}
}

func FuzzCheckMessage(f *testing.F) {
	seed := func(m *api.FromWorker) {
		text, err := proto.Marshal(m)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	seed(&api.FromWorker{Message: &api.FromWorker_Hello{Hello: &api.Hello{Name: "w", Incarnation: "i", Bits: map[string]string{"a": "b"}}}})
	seed(&api.FromWorker{Message: &api.FromWorker_Step{Step: &api.StepReport{Step: 1, Decision: &api.Decision{Stop: true}}}})
	seed(&api.FromWorker{Message: &api.FromWorker_Saved{Saved: &api.Saved{Files: []*api.FileInfo{{Name: "f"}}}}})
	seed(&api.FromWorker{Message: &api.FromWorker_Network{Network: &api.Network{Layers: []*api.Layer{{Name: "fc", Inputs: []int32{-1}, Parameters: []*api.Parameter{{Name: "w", Shape: []int32{2, 3}}}}}}}})
	seed(&api.FromWorker{Message: &api.FromWorker_Health{Health: &api.Health{Step: 3, Layers: []*api.LayerHealth{{Output: &api.Distribution{Count: 2, Positive: &api.Bins{First: -3, Counts: []int64{2}}},
		Gates: []*api.GateHealth{{Name: "forget", Open: 0.5}}, ByStep: []float32{1, 2, 3, 4}, Parameters: []*api.ParameterHealth{{}}}}}}})
	seed(&api.FromWorker{Message: &api.FromWorker_Waterfall{Waterfall: &api.Waterfall{Step: 3, Spans: []*api.Span{{Part: api.Part_APPLY, EndNs: 7}}}}})
	f.Fuzz(func(t *testing.T, text []byte) {
		var m api.FromWorker
		if proto.Unmarshal(text, &m) != nil || checkMessage(&m, 10) != nil {
			return
		}
		var l layers.Past
		l.Describe(&api.Network{Layers: []*api.Layer{{Name: "fc", Parameters: []*api.Parameter{{Shape: []int32{2, 3}}}}}})
		if n := m.GetNetwork(); n != nil {
			l.Describe(n)
		}
		if h := m.GetHealth(); h != nil && l.Add(h) {
			l.History("fc")
		}
		if _, err := json.Marshal(l.All()); err != nil {
			t.Error(err)
		}
		if _, err := json.Marshal(l.Graph()); err != nil {
			t.Error(err)
		}
		p := &plan{Lanes: 1, Workers: 1, Steps: 10}
		s := newState(p, pastRun{})
		decide(time.Time{}, s, eventOf(1, &m))
	})
}

package coordinator

import (
	"strings"
	"testing"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/rondo-ml/rondo/coordinator/api"
	"github.com/rondo-ml/rondo/coordinator/identity"
	"github.com/rondo-ml/rondo/coordinator/inspect"
)

// An operator looks into a worker through the coordinator, and into the coordinator; nobody else does, and what a worker
// answers to nobody's question, or to one of another's, goes nowhere.
func TestInspect(t *testing.T) {
	a, err := identity.NewAuthority()
	if err != nil {
		t.Fatal(err)
	}
	cfg := testConfig(t, 2)
	cfg.Credentials = issued(t, a, "coordinator", identity.CoordinatorRole)
	c := start(t, cfg)
	creds := issued(t, a, "worker")
	var workers []*fake
	for _, name := range []string{"worker-0", "worker-1"} {
		f := dial(t, c.Addr(), name, creds.Client())
		if r := f.join(hello(&cfg, name)); r.GetWelcome() == nil {
			t.Fatalf("%s: %v", name, r)
		}
		workers = append(workers, f)
	}
	ask := func(r *api.InspectRequest) (string, error) {
		answer, err := rpcAs(t, c, issued(t, a, "operator", identity.OperatorRole)).Inspect(t.Context(), r)
		return string(answer.GetData()), err
	}
	if _, err := rpcAs(t, c, creds).Inspect(t.Context(), &api.InspectRequest{What: inspect.Goroutines}); status.Code(err) != codes.PermissionDenied {
		t.Errorf("a worker looks into the coordinator: %v", err)
	}
	if text, err := ask(&api.InspectRequest{What: inspect.Goroutines}); err != nil || !strings.Contains(text, "coordinator.(*term).run") {
		t.Errorf("into the coordinator: %v\n%.300s", err, text)
	}
	for _, r := range []*api.InspectRequest{{Worker: "worker-9", What: "heap"}, {Worker: "worker-0", What: "passwords"}, {What: inspect.CPU, Seconds: 3600}} {
		if text, err := ask(r); err == nil {
			t.Errorf("%v: %q", r, text)
		}
	}
	answers := func(f *fake, data, wrong string) {
		for {
			q := f.recv().GetInspect()
			if q == nil {
				continue // a view, a pulse
			}
			if q.What != "heap" {
				t.Errorf("asked for %v", q)
			}
			workers[1].send(&api.FromWorker{Message: &api.FromWorker_Inspected{Inspected: &api.Inspected{Id: q.Id, Data: []byte("of the other")}}})
			f.send(&api.FromWorker{Message: &api.FromWorker_Inspected{Inspected: &api.Inspected{Id: q.Id + 7, Data: []byte("unasked")}}})
			f.send(&api.FromWorker{Message: &api.FromWorker_Inspected{Inspected: &api.Inspected{Id: q.Id, Data: []byte(data), Error: wrong}}})
			return
		}
	}
	done := make(chan bool)
	go func() {
		answers(workers[0], "its heap", "")
		answers(workers[0], "", "somebody looks already")
		close(done)
	}()
	if text, err := ask(&api.InspectRequest{Worker: "worker-0", What: "heap"}); err != nil || text != "its heap" {
		t.Errorf("into worker-0: %q %v", text, err)
	}
	if _, err := ask(&api.InspectRequest{Worker: "worker-0", What: "heap"}); err == nil || !strings.Contains(err.Error(), "worker-0: somebody looks already") {
		t.Errorf("a worker that cannot: %v", err)
	}
	<-done
}

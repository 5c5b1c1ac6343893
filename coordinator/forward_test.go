package coordinator

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/rondo-ml/rondo/coordinator/api"
	"github.com/rondo-ml/rondo/coordinator/identity"
	"github.com/rondo-ml/rondo/coordinator/inspect"
)

// What an operator asks of a coordinator that stands by, the one that leads answers: the state of the run, and a look into
// a worker.
func TestPassOn(t *testing.T) {
	a, err := identity.NewAuthority()
	if err != nil {
		t.Fatal(err)
	}
	etcd := startEtcd(t)
	cfg := testConfig(t, 1)
	cfg.Credentials = issued(t, a, "coordinator", identity.CoordinatorRole)
	cfg.Store = &etcdStore{client: etcd, run: "test"}
	first := start(t, cfg)
	cfg.Store = &etcdStore{client: etcd, run: "test"}
	second := start(t, cfg)
	await(t, second, "the leader", func(s api.Status) bool { return s.Phase == api.PhaseStandby && s.Run.Leader == first.Addr() })
	asked := rpcAs(t, second, issued(t, a, "operator", identity.OperatorRole))
	r, err := asked.Status(t.Context(), &api.StatusRequest{})
	var s api.Status
	if err == nil {
		err = json.Unmarshal(r.GetJson(), &s)
	}
	if err != nil || s.Phase != api.PhaseWaiting {
		t.Errorf("status: phase %q, %v; want the leader's", s.Phase, err)
	}
	_, err = asked.Inspect(t.Context(), &api.InspectRequest{Worker: "worker-9", What: inspect.Goroutines})
	if err == nil || !strings.Contains(err.Error(), "the leader "+first.Addr()) || !strings.Contains(err.Error(), "no worker named") {
		t.Errorf("a look into a worker: %v; want the leader's answer", err)
	}
}

package worker

import (
	"sync/atomic"

	"github.com/rondo-ml/rondo/coordinator/api"
	"github.com/rondo-ml/rondo/coordinator/gossip"
)

// news is the worker's part in gossip: others hear that it is there, and it
// hears which coordinator leads.
type news struct {
	discovery gossip.Discovery
	leader    atomic.Pointer[string]
}

// startNews joins the gossip that the coordinator's welcome tells of, and waits for no member of it. A worker
// does without it, so that it does not start is a warning.
func startNews(cfg Config, coordinator string, welcome *api.Welcome) *news {
	if cfg.GossipListen == "" || len(welcome.GossipKey) == 0 {
		return nil
	}
	n := &news{}
	d, err := gossip.Start(gossip.Config{
		Bind: cfg.GossipListen, Advertise: cfg.GossipAdvertise, Toward: []string{coordinator},
		Server: cfg.Credentials.Server(), Client: cfg.Credentials.Client(), Key: welcome.GossipKey, Log: cfg.Log,
		Meta: gossip.Meta{Name: cfg.Name, Role: gossip.RoleWorker},
		OnChange: func(c gossip.Change) {
			cfg.Log.Debug("gossip", "member", c.Meta.Name, "role", c.Meta.Role, "news", c.What)
			if c.Meta.Role == gossip.RoleCoordinator && c.Meta.Leader != "" {
				n.leader.Store(&c.Meta.Leader)
			}
		},
	})
	if err != nil {
		cfg.Log.Warn("the worker goes without gossip", "error", err)
		return nil
	}
	n.discovery = d
	go d.Join(welcome.GossipSeeds) // it ends with the patience for each seed
	return n
}

// leads returns the address of the coordinator that was last heard to lead, or
// "".
func (n *news) leads() string {
	if n == nil || n.leader.Load() == nil {
		return ""
	}
	return *n.leader.Load()
}

func (n *news) leave() {
	if n != nil {
		_ = n.discovery.Leave() // others will notice
	}
}

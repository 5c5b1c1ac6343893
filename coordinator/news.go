package coordinator

import (
	"sync"

	"github.com/rondo-ml/rondo/coordinator/api"
	"github.com/rondo-ml/rondo/coordinator/gossip"
)

// maxSeeds is how many addresses a welcomed worker is given to join by.
const maxSeeds = 8

// news is the coordinator's part in gossip. It starts when the record has the
// key: with the first term, here or elsewhere.
type news struct {
	mu        sync.Mutex
	discovery gossip.Discovery // nil: none
}

// startNews joins the gossip, or tells those who are there who leads now. A run
// does without gossip, so that it does not start is a warning.
func (c *Coordinator) startNews(key []byte, leader string) {
	if c.cfg.Gossip == "" {
		return
	}
	c.news.mu.Lock()
	defer c.news.mu.Unlock()
	self := gossip.Meta{Name: c.cfg.Name, Role: gossip.RoleCoordinator, Leader: leader}
	if c.news.discovery != nil {
		if err := c.news.discovery.Announce(self); err != nil {
			c.cfg.Log.Debug("gossip", "error", err)
		}
		return
	}
	d, err := gossip.Start(gossip.Config{Bind: c.cfg.Gossip, Advertise: c.cfg.GossipAdvertise, Toward: append([]string{c.Advertised()}, c.cfg.GossipSeeds...),
		Server: c.cfg.Credentials.Server(), Client: c.cfg.Credentials.Client(),
		Key: key, Seeds: c.cfg.GossipSeeds, Log: c.cfg.Log, OnChange: c.heardOf, Meta: self})
	if err != nil {
		c.cfg.Log.Warn("the run goes without gossip", "error", err)
		c.board.remark(levelWarn, "the run goes without gossip", err.Error())
		return
	}
	c.news.discovery = d
}

// heardOf shows news as events. They are hints: the links and the streams
// decide who is lost.
func (c *Coordinator) heardOf(n gossip.Change) {
	if n.What != "updated" {
		c.board.remark(levelInfo, "gossip: "+n.Meta.Role+" "+n.Meta.Name+" "+n.What, "a hint: streams and links decide")
	}
}

func (c *Coordinator) stopNews() error {
	c.news.mu.Lock()
	defer c.news.mu.Unlock()
	if c.news.discovery == nil {
		return nil
	}
	d := c.news.discovery
	c.news.discovery = nil
	return d.Leave()
}

// greet tells a welcomed worker how to join the gossip.
func (c *Coordinator) greet(w *api.Welcome, key []byte) {
	c.news.mu.Lock()
	defer c.news.mu.Unlock()
	if c.news.discovery == nil {
		return
	}
	w.GossipKey = key
	w.GossipSeeds = append(w.GossipSeeds, c.news.discovery.Addr())
	for _, seed := range c.cfg.GossipSeeds {
		if len(w.GossipSeeds) < maxSeeds {
			w.GossipSeeds = append(w.GossipSeeds, seed)
		}
	}
}

// GossipAddr is the host:port of the gossip; empty while there is none.
func (c *Coordinator) GossipAddr() string {
	c.news.mu.Lock()
	defer c.news.mu.Unlock()
	if c.news.discovery == nil {
		return ""
	}
	return c.news.discovery.Addr()
}

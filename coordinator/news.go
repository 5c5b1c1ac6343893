package coordinator

import (
	"bytes"
	"context"
	"crypto/rand"
	"sync"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"

	"github.com/rondo-ml/rondo/coordinator/api"
	"github.com/rondo-ml/rondo/coordinator/gossip"
	"github.com/rondo-ml/rondo/coordinator/identity"
)

// maxSeeds is how many addresses a welcomed worker is given to join by.
const maxSeeds = 8

// news is the coordinator's part in gossip. It starts with the first term, here
// or elsewhere.
type news struct {
	turn sync.Mutex // held while gossip starts, tells or stops, which takes time: no decision waits for it

	mu        sync.Mutex
	discovery gossip.Discovery // nil: none
	key       []byte           // 32 bytes; nil: none yet. Never written down
}

// gossipKey is the key of this run's gossip. A coordinator that has none from an
// earlier leader makes one; there is none without gossip.
func (c *Coordinator) gossipKey() []byte {
	c.news.mu.Lock()
	defer c.news.mu.Unlock()
	if c.news.key == nil && c.cfg.Gossip != "" {
		c.news.key = make([]byte, 32)
		rand.Read(c.news.key) // never fails
	}
	return c.news.key
}

// startNews joins the gossip of a key, or tells those who are there who leads
// now. It waits for no seed. A run does without gossip, so that it does not start is a warning.
func (c *Coordinator) startNews(key []byte, seeds []string, leader string) {
	if c.cfg.Gossip == "" {
		return
	}
	c.news.turn.Lock()
	defer c.news.turn.Unlock()
	self := gossip.Meta{Name: c.cfg.Name, Role: gossip.RoleCoordinator, Leader: leader}
	d, known := c.news.get()
	if d != nil && bytes.Equal(key, known) {
		if err := d.Announce(self); err != nil {
			c.cfg.Log.Debug("gossip", "error", err)
		}
		return
	} else if d != nil { // of a leader that is gone
		_ = d.Leave() // others will notice
	}
	d, err := gossip.Start(gossip.Config{Bind: c.cfg.Gossip, Advertise: c.cfg.GossipAdvertise, Toward: append([]string{c.Advertised()}, c.cfg.GossipSeeds...),
		Server: c.cfg.Credentials.Server(), Client: c.cfg.Credentials.Client(),
		Key: key, Log: c.cfg.Log, OnChange: c.heardOf, Meta: self})
	if err != nil {
		c.news.set(nil, known)
		c.cfg.Log.Warn("the run goes without gossip", "error", err)
		c.board.remark(levelWarn, "the run goes without gossip", err.Error())
		return
	}
	c.news.set(d, key)
	c.tasks.Go(func() { d.Join(seeds) })
}

func (n *news) get() (gossip.Discovery, []byte) {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.discovery, n.key
}

func (n *news) set(d gossip.Discovery, key []byte) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.discovery, n.key = d, key
}

// heardOf shows news as events. They are hints: the links and the streams
// decide who is lost.
func (c *Coordinator) heardOf(n gossip.Change) {
	if n.What != "updated" {
		c.board.remark(levelInfo, "gossip: "+n.Meta.Role+" "+n.Meta.Name+" "+n.What, "a hint: streams and links decide")
	}
}

func (c *Coordinator) stopNews() error {
	c.news.turn.Lock()
	defer c.news.turn.Unlock()
	d, key := c.news.get()
	if d == nil {
		return nil
	}
	c.news.set(nil, key)
	return d.Leave()
}

// greet tells a welcomed worker how to join the gossip.
func (c *Coordinator) greet(w *api.Welcome) { w.GossipKey, w.GossipSeeds = c.invitation() }

// invitation is what is needed to join the gossip: nothing while there is none.
func (c *Coordinator) invitation() (key []byte, seeds []string) {
	d, key := c.news.get()
	if d == nil {
		return nil, nil
	}
	seeds = append([]string{d.Addr()}, c.cfg.GossipSeeds...)
	return key, seeds[:min(len(seeds), maxSeeds)]
}

// Gossip tells another coordinator how to join the gossip. It alone is told: the
// key is in the memory of coordinators and workers, and in no record.
func (s *service) Gossip(ctx context.Context, _ *api.GossipRequest) (*api.GossipReply, error) {
	if err := s.permit(ctx, "gossip", identity.MayCoordinate); err != nil {
		return nil, err
	}
	if _, err := s.c.leading(ctx); err != nil {
		return nil, err
	}
	key, seeds := s.c.invitation()
	return &api.GossipReply{Key: key, Seeds: seeds}, nil
}

// invitePatience is how long the leader may take to tell how to join the gossip.
const invitePatience = 2 * time.Second

// joinNews asks the coordinator that leads how to join the gossip, and joins.
func (c *Coordinator) joinNews(ctx context.Context, leader string) error {
	if c.cfg.Gossip == "" {
		return nil
	}
	conn, err := grpc.NewClient(leader, grpc.WithTransportCredentials(credentials.NewTLS(c.cfg.Credentials.Client(identity.MayCoordinate))))
	if err != nil {
		return err
	}
	defer conn.Close()
	asking, cancel := context.WithTimeout(ctx, invitePatience)
	defer cancel()
	reply, err := api.NewCoordinatorClient(conn).Gossip(asking, &api.GossipRequest{})
	if err != nil {
		return err
	}
	if len(reply.GetKey()) > 0 {
		c.startNews(reply.GetKey(), append(reply.GetSeeds(), c.cfg.GossipSeeds...), leader)
	}
	return nil
}

// GossipAddr is the host:port of the gossip; empty while there is none.
func (c *Coordinator) GossipAddr() string {
	d, _ := c.news.get()
	if d == nil {
		return ""
	}
	return d.Addr()
}

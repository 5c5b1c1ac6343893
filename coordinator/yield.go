package coordinator

import (
	"context"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"

	"github.com/rondo-ml/rondo/coordinator/api"
	"github.com/rondo-ml/rondo/coordinator/identity"
)

// Times of leaving the lead to the one that has it.
const (
	aliveWithin = time.Second     // for a leader to show that it is one
	yieldFor    = 3 * time.Second // for it to say so in the record again
)

// stillLeads asks a coordinator that the record has forgotten whether it leads:
// that etcd was out of reach for a while ends a lease, not a lead. One that is
// dead, frozen or leaving does not say so.
func (c *Coordinator) stillLeads(ctx context.Context, who leader) bool {
	if who.Addr == "" {
		return false
	}
	conn, err := grpc.NewClient(who.Addr, grpc.WithTransportCredentials(credentials.NewTLS(c.cfg.Credentials.Client(identity.MayCoordinate))))
	if err != nil {
		return false
	}
	defer conn.Close()
	ctx, cancel := context.WithTimeout(ctx, aliveWithin)
	defer cancel()
	_, err = api.NewCoordinatorClient(conn).Gossip(ctx, &api.GossipRequest{}) // which whoever does not lead refuses
	return err == nil
}

// yield leaves the lead to a coordinator that lives and has the workers, once: if the
// record stays out of its reach, another must lead.
func (c *Coordinator) yield(ctx context.Context, to leader) {
	c.cfg.Log.Info("leaves the lead to the coordinator that has it", "leader", to.Addr)
	_ = c.store.Resign(ctx)
	ctx, cancel := context.WithTimeout(ctx, yieldFor)
	defer cancel()
	tick := time.NewTicker(leaderEvery)
	defer tick.Stop()
	for {
		if who, err := c.store.Leader(ctx); err == nil && who.Addr != "" {
			return
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

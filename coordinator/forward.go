package coordinator

import (
	"context"
	"errors"
	"fmt"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	"github.com/rondo-ml/rondo/coordinator/api"
	"github.com/rondo-ml/rondo/coordinator/identity"
)

// passedOn marks a request that another coordinator has passed on.
const passedOn = "passed-on"

// passOn gives what an operator asks of a standby to the coordinator that leads, once: a leader that has just lost the
// lead does not pass it further. The operator's certificate was asked for here, and the leader asks for this coordinator's.
func (c *Coordinator) passOn(ctx context.Context, request any, info *grpc.UnaryServerInfo, handle grpc.UnaryHandler) (any, error) {
	reply, err := handle(ctx, request)
	other, ok := errors.AsType[*elsewhere](err)
	_, asksWhoLeads := request.(*api.GossipRequest) // as yield.go and standby.go do: the leader's answer would be wrong here
	if !ok || asksWhoLeads || len(metadata.ValueFromIncomingContext(ctx, passedOn)) > 0 {
		return reply, err
	}
	kind, ok := reply.(proto.Message) // it may be nil, of its type
	if !ok {
		return reply, err
	}
	conn, err := grpc.NewClient(other.leader, grpc.WithTransportCredentials(credentials.NewTLS(c.cfg.Credentials.Client(identity.MayCoordinate))))
	if err != nil {
		return nil, fmt.Errorf("the leader %s: %w", other.leader, err)
	}
	defer conn.Close()
	ctx = metadata.AppendToOutgoingContext(ctx, passedOn, c.cfg.Name)
	answer := kind.ProtoReflect().New().Interface()
	if err := conn.Invoke(ctx, info.FullMethod, request, answer); err != nil {
		s := status.Convert(err)
		return nil, status.Errorf(s.Code(), "the leader %s: %s", other.leader, s.Message())
	}
	return answer, nil
}

// desiredPatience is how long the leader may take to say how many workers it wants.
const desiredPatience = 2 * time.Second

// Desired tells another coordinator what an autoscaler is to know.
func (s *service) Desired(ctx context.Context, _ *api.DesiredRequest) (*api.DesiredReply, error) {
	if _, err := s.c.leading(ctx); err != nil {
		return nil, err
	}
	d, _ := s.c.board.Desired()
	return &api.DesiredReply{Workers: int32(d.Workers), Reason: d.Reason}, nil
}

// Desired is how many workers the run should have, as the coordinator that leads says; false: it cannot be asked.
func (c *Coordinator) Desired() (api.Desired, bool) {
	d, leads := c.board.Desired()
	if leads {
		return d, true
	}
	c.mu.Lock()
	leader := c.follows.Addr
	c.mu.Unlock()
	if leader == "" {
		return d, false
	}
	conn, err := grpc.NewClient(leader, grpc.WithTransportCredentials(credentials.NewTLS(c.cfg.Credentials.Client(identity.MayCoordinate))))
	if err != nil {
		return d, false
	}
	defer conn.Close()
	ctx, cancel := context.WithTimeout(metadata.AppendToOutgoingContext(context.Background(), passedOn, c.cfg.Name), desiredPatience)
	defer cancel()
	said, err := api.NewCoordinatorClient(conn).Desired(ctx, &api.DesiredRequest{})
	if err != nil {
		c.cfg.Log.Debug("the leader does not say how many workers it wants", "leader", leader, "error", err)
		return d, false
	}
	return api.Desired{Workers: int(said.GetWorkers()), Reason: said.GetReason()}, true
}

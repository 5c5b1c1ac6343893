package worker

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/peer"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	"github.com/rondo-ml/rondo/allreduce"
	"github.com/rondo-ml/rondo/coordinator/api"
)

// simConn is a connection of the ring: bytes, in order.
type simConn struct {
	out, in *simQueue
	rest    []byte
}

func (c *simConn) Read(b []byte) (int, error) {
	if len(c.rest) == 0 {
		v, err := c.in.take()
		if err != nil {
			return 0, err
		}
		c.rest = v.([]byte)
	}
	n := copy(b, c.rest)
	c.rest = c.rest[n:]
	return n, nil
}

func (c *simConn) Write(b []byte) (int, error) {
	if err := c.out.put(append([]byte(nil), b...), len(b)); err != nil {
		return 0, err
	}
	return len(b), nil
}

func (c *simConn) Close() error {
	c.out.finish(io.EOF)
	c.in.stop(net.ErrClosed)
	return nil
}

func (c *simConn) LocalAddr() net.Addr              { return &net.UnixAddr{} }
func (c *simConn) RemoteAddr() net.Addr             { return &net.UnixAddr{} }
func (c *simConn) SetDeadline(time.Time) error      { return nil }
func (c *simConn) SetReadDeadline(time.Time) error  { return nil }
func (c *simConn) SetWriteDeadline(time.Time) error { return nil }

// simMeeting is where the two ends of a ring's edge find each other.
type simMeeting struct {
	came chan *simProc // the one who waits
	link chan *simConn // its end
}

// simRing closes rings.
type simRing struct {
	net *simNet
	mu  sync.Mutex
	at  map[string]*simMeeting
}

func (r *simRing) meeting(key string) *simMeeting {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.at[key] == nil {
		r.at[key] = &simMeeting{make(chan *simProc), make(chan *simConn)}
	}
	return r.at[key]
}

// connect is closeRing for the process self.
func (r *simRing) connect(ctx context.Context, self *simProc, v *api.View, view allreduce.View, linked func(uint64, bool)) (next, prev allreduce.Link, err error) {
	if view.Workers() == 1 {
		return nil, nil, nil
	}
	me := int(v.Self)
	edge := func(from, to int) *simMeeting {
		return r.meeting(fmt.Sprintf("%s %d %s→%s", v.RunId, v.Generation, v.Peers[from].Name, v.Peers[to].Name))
	}
	var wg sync.WaitGroup
	var out, in *simConn
	wg.Go(func() { // dials
		m := edge(me, view.Next(me))
		select {
		case m.came <- self:
			select {
			case out = <-m.link:
				linked(v.Generation, true)
			case <-ctx.Done():
			}
		case <-ctx.Done():
		}
	})
	m := edge(view.Prev(me), me)
	select {
	case dialler := <-m.came:
		there, here := r.net.queue(dialler, self, errSimReset), r.net.queue(self, dialler, errSimReset)
		in = &simConn{out: here, in: there}
		select {
		case m.link <- &simConn{out: there, in: here}:
			linked(v.Generation, false)
		case <-ctx.Done():
		}
	case <-ctx.Done():
	}
	wg.Wait()
	if out != nil && in != nil && ctx.Err() == nil && !r.net.dead(self) {
		return allreduce.NewNetLink(out, v.Peers[view.Next(me)].Name, 1<<20), allreduce.NewNetLink(in, v.Peers[view.Prev(me)].Name, 1<<20), nil
	}
	for _, c := range []*simConn{out, in} {
		if c != nil {
			c.Close()
		}
	}
	if ctx.Err() != nil {
		return nil, nil, context.Cause(ctx)
	}
	return nil, nil, errSimDead
}

// simService is a coordinator's process, as workers reach it.
type simService struct {
	proc   *simProc
	server api.CoordinatorServer
	cert   credentials.TLSInfo
	note   func(what string)
}

// simDialer is a worker's way to coordinators; it is a connection too.
type simDialer struct {
	net  *simNet
	self *simProc
	to   func() *simService // nil: nobody listens
	note func(what string)
}

func (d *simDialer) Close() error { return nil }

func (d *simDialer) Invoke(context.Context, string, any, any, ...grpc.CallOption) error {
	return errors.New("simulation: only streams")
}

var errSimUnavailable = status.Error(codes.Unavailable, "simulation: connection refused")

// NewStream calls Work.
func (d *simDialer) NewStream(ctx context.Context, _ *grpc.StreamDesc, _ string, _ ...grpc.CallOption) (grpc.ClientStream, error) {
	if d.net.dead(d.self) { // whoever was killed does nothing any more
		nobody := &simProc{}
		ended := &simQueue{net: d.net, from: nobody, to: nobody, wake: make(chan struct{}, 1), drawn: make(chan struct{}, 1)}
		ended.items = []simItem{{value: &api.ToWorker{Message: &api.ToWorker_End{End: &api.End{Reason: errSimDead.Error(), ExitCode: 137}}}}}
		return &simStream{ctx: ctx, out: d.net.queue(d.self, d.self, io.EOF), in: ended, note: d.note}, nil
	}
	s := d.to()
	if s == nil {
		return nil, errSimUnavailable
	}
	up, down := d.net.queue(d.self, s.proc, status.Error(codes.Canceled, "killed")), d.net.queue(s.proc, d.self, errSimUnavailable)
	client := &simStream{ctx: ctx, out: up, in: down, note: d.note}
	context.AfterFunc(ctx, func() {
		up.finish(status.FromContextError(ctx.Err()).Err())
		down.stop(status.FromContextError(ctx.Err()).Err())
	})
	life, end := context.WithCancel(peer.NewContext(context.WithoutCancel(ctx), &peer.Peer{AuthInfo: s.cert}))
	server := &simStream{ctx: life, out: down, in: up, end: end, note: s.note}
	go func() {
		err := s.server.Work(&grpc.GenericServerStream[api.FromWorker, api.ToWorker]{ServerStream: server})
		end()
		if err == nil {
			err = io.EOF
		} else if st, ok := status.FromError(err); ok {
			err = st.Err()
		}
		down.finish(err)
		up.stop(status.Error(codes.Canceled, "the call is over"))
	}()
	return client, nil
}

// simStream is one end of a stream of messages.
type simStream struct {
	ctx     context.Context
	end     context.CancelFunc // of the server's context, when the client is gone
	out, in *simQueue
	note    func(what string)
}

func (s *simStream) SendMsg(m any) error {
	s.note(simMessage(m))
	c := proto.Clone(m.(proto.Message))
	if err := s.out.put(c, 16+proto.Size(c)); err != nil {
		if s.end == nil {
			return io.EOF // the reason waits on the receiving side
		}
		return err
	}
	return nil
}

func (s *simStream) RecvMsg(m any) error {
	v, err := s.in.take()
	if err != nil {
		if s.end != nil {
			s.end()
		}
		return err
	}
	proto.Merge(m.(proto.Message), v.(proto.Message))
	return nil
}

func (s *simStream) Context() context.Context     { return s.ctx }
func (s *simStream) CloseSend() error             { return nil }
func (s *simStream) Header() (metadata.MD, error) { return nil, nil }
func (s *simStream) Trailer() metadata.MD         { return nil }
func (s *simStream) SetHeader(metadata.MD) error  { return nil }
func (s *simStream) SendHeader(metadata.MD) error { return nil }
func (s *simStream) SetTrailer(metadata.MD)       {}

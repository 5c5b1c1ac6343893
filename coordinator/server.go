package coordinator

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/keepalive"

	"github.com/rondo-ml/rondo/allreduce/admission"
	"github.com/rondo-ml/rondo/coordinator/advertise"
	"github.com/rondo-ml/rondo/coordinator/api"
	"github.com/rondo-ml/rondo/coordinator/enrol"
	"github.com/rondo-ml/rondo/coordinator/history"
	"github.com/rondo-ml/rondo/coordinator/web"
)

// Coordinator is one coordinator process's part in a run.
type Coordinator struct {
	cfg    Config
	board  *board
	store  Store
	local  *localRecord  // the store's; nil: the record is elsewhere
	etcd   *embedded     // the store's, in this process; nil: none
	joins  *enrol.Server // nil: nobody joins by token
	tokens *tokenBook    // likewise

	rpc     *grpc.Server
	listen  *connsListener
	address string       // host:port that others dial
	status  net.Listener // nil: none
	page    *web.Site

	cancel  context.CancelCauseFunc
	tasks   sync.WaitGroup
	settled chan struct{} // closed when it is known who leads
	done    chan Result
	news    news
	runID   *atomic.Pointer[string] // for the log, once it is known

	mu      sync.Mutex
	term    *term // nil: does not lead
	exits   []workerExited
	stoodBy string // the run that another coordinator leads or led; empty: none
	follows leader // that was last seen to lead, while this coordinator does not
	closed  bool
}

// Result is how a run ended.
type Result struct {
	Reason   string
	ExitCode int    // 0 finished, 130 stopped, 1 failed
	Step     uint64 // steps applied
	Digest   string // of the newest checkpoint; empty: none
}

// Start listens, opens the record, and returns when it is known which
// coordinator leads. The run begins when its workers have joined. Cancelling
// ctx is Close.
func Start(ctx context.Context, cfg Config) (*Coordinator, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	cfg.Clock = &steady{Clock: cfg.Clock}
	c := &Coordinator{cfg: cfg, done: make(chan Result, 1), settled: make(chan struct{})}
	c.cfg.Log, c.runID = logOf(&cfg)
	c.board = newBoard(cfg.Clock, c.cfg.Log, describe(&cfg))
	c.board.goal = cfg.Goal
	if cfg.Credentials != nil {
		c.board.expiry = cfg.Credentials.Expires
	}
	c.page = web.New(c, web.Options{Metrics: c.board.metrics.registry, Log: c.cfg.Log, Hosts: cfg.StatusHosts, Projector: cfg.Points, Look: cfg.Look})
	if err := c.open(ctx); err != nil {
		c.release()
		return nil, err
	}
	ctx, c.cancel = context.WithCancelCause(ctx)
	c.serve(ctx)
	failed := make(chan error, 1)
	c.tasks.Go(func() { failed <- c.campaign(ctx) })
	if cfg.TensorBoard != "" {
		c.tasks.Go(func() { c.writeEvents(ctx) })
	}
	if cfg.OnAlarm != "" {
		c.tasks.Go(func() { c.watchAlarms(ctx) })
	}
	select {
	case <-c.settled:
		return c, nil
	case err := <-failed:
		if err == nil {
			err = context.Cause(ctx) // it ended before it was known who leads
		}
		return nil, errors.Join(err, c.Close())
	}
}

func describe(cfg *Config) api.Run {
	f := cfg.Run
	return api.Run{Name: f.Name, File: f.YAML(), Model: f.Model.Text(), Sample: f.Sample(), PlainLoss: !f.LossInBits(), DataHash: cfg.DataHash, Version: cfg.Version,
		Batch: f.Batch.Global, Length: f.RowLength(), Dir: f.Checkpoint.Dir, Schedule: planned(f)}
}

// open takes hold of all that can be refused: ports and the record.
func (c *Coordinator) open(ctx context.Context) error {
	err := c.openService(ctx)
	if err != nil {
		return err
	}
	if c.cfg.StatusListen != "" {
		if c.status, err = listen("--status-addr", c.cfg.StatusListen); err != nil {
			return err
		}
		c.status = admission.NewGate("status page", admission.Limits{Connections: maxPages}, c.cfg.Log).Listener(c.status)
	}
	switch {
	case c.cfg.Store != nil:
		c.store = c.cfg.Store
	case len(c.cfg.Etcd.Endpoints) > 0:
		c.store, err = awaitEtcd(ctx, c.cfg.Etcd, c.cfg.Run.Name, c.cfg.Log)
	case c.cfg.EmbedEtcd != "":
		err = persist(ctx, c.cfg.Etcd.Wait, c.cfg.Log, func() (err error) { // another process may have its directory for a while
			c.store, c.etcd, err = openEmbedded(ctx, c.cfg.EmbedEtcd, c.cfg.Run.Name, c.cfg.Name, c.cfg.Log)
			return err
		})
	default:
		if c.local, err = openLocal(c.cfg.RecordDir, c.cfg.Run.Name, c.cfg.Name, c.cfg.Log); err == nil {
			c.store = c.local.Store(c.cfg.Run.Name)
		}
	}
	if err != nil {
		return err
	}
	if err := c.openTrust(ctx); err != nil {
		return err
	}
	c.store = &watchedStore{c.store, func(up bool) { c.board.recordDown.Store(!up) }}
	return nil
}

// openService opens the port of the gRPC service.
func (c *Coordinator) openService(ctx context.Context) error {
	if c.cfg.Serve != nil {
		c.address = c.cfg.Advertise
		return nil
	}
	port, err := listen("--listen", c.cfg.Listen)
	if err != nil {
		return err
	}
	c.listen = knowConns(port, newGate(&c.cfg))
	own := advertise.Port{Flag: "--advertise", Listening: c.Addr(), Given: c.cfg.Advertise, Toward: c.elsewhere()}
	if c.address, err = own.Address(ctx); err != nil {
		return fmt.Errorf("the address of this coordinator: %w", err)
	}
	return nil
}

// listen opens a TCP port. The usual error is that it is in use.
func listen(flag, addr string) (net.Listener, error) {
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("cannot listen on %s: %w; give another address with %s HOST:PORT (port 0 takes a free one)", addr, err, flag)
	}
	return l, nil
}

// serve starts answering workers and the status page.
func (c *Coordinator) serve(ctx context.Context) {
	if c.cfg.Serve != nil {
		context.AfterFunc(ctx, c.cfg.Serve(&service{c: c}))
		return
	}
	config := c.cfg.Credentials.Server()
	if c.joins != nil {
		config = enrol.Offer(c.cfg.Credentials)
	}
	c.rpc = grpc.NewServer(
		grpc.Creds(provingCredentials{credentials.NewTLS(config), c.joinByToken}),
		grpc.UnaryInterceptor(c.passOn),
		grpc.MaxRecvMsgSize(maxMessage),
		grpc.MaxConcurrentStreams(16),
		grpc.MaxHeaderListSize(16<<10),
		grpc.ConnectionTimeout(2*handshakePatience),
		grpc.KeepaliveParams(keepalive.ServerParameters{Time: 10 * time.Second, Timeout: 20 * time.Second}),
		grpc.KeepaliveEnforcementPolicy(keepalive.EnforcementPolicy{MinTime: time.Second, PermitWithoutStream: true}),
	)
	context.AfterFunc(ctx, c.stopService)
	api.RegisterCoordinatorServer(c.rpc, &service{c: c})
	c.tasks.Go(func() {
		if err := c.rpc.Serve(c.listen); err != nil && ctx.Err() == nil {
			c.cfg.Log.Error("the gRPC service ended", "address", c.Addr(), "error", err)
		}
	})
	if c.status == nil {
		return
	}
	c.tasks.Go(func() {
		if err := web.Serve(ctx, c.status, c.page); err != nil {
			c.cfg.Log.Error("the status page ended", "error", err)
		}
	})
}

// Addr is the host:port of the gRPC service.
func (c *Coordinator) Addr() string { return c.listen.Addr().String() }

// StatusAddr is the host:port of the status page; empty when there is none.
func (c *Coordinator) StatusAddr() string {
	if c.status == nil {
		return ""
	}
	return c.status.Addr().String()
}

// Advertised is the host:port of the gRPC service that others dial.
func (c *Coordinator) Advertised() string { return c.address }

// elsewhere are processes that the other coordinators of the run reach too.
func (c *Coordinator) elsewhere() []string {
	addrs := slices.Clone(c.cfg.GossipSeeds)
	for _, endpoint := range c.cfg.Etcd.Endpoints {
		if u, err := url.Parse(endpoint); err == nil && u.Host != "" { // http://host:port
			endpoint = u.Host
		}
		addrs = append(addrs, endpoint)
	}
	return addrs
}

// Status is the run as it is now.
func (c *Coordinator) Status() api.Status { return c.board.Status() }

// Series is the history of the run between two steps.
func (c *Coordinator) Series(q history.Query) history.Series { return c.board.Series(q) }

// Subscribe returns a channel that gets a token whenever Status may have
// changed, until cancel is called. Tokens do not pile up.
func (c *Coordinator) Subscribe() (changed <-chan struct{}, cancel func()) { return c.board.watch() }

// Done delivers the result once the run is over, and every worker has been
// told or has had its time. The status page is served until Close. A
// coordinator that is closed before, or never leads, delivers nothing.
func (c *Coordinator) Done() <-chan Result { return c.done }

// lingerMost is how long after its end a run is shown to those who watch it.
const lingerMost = 3 * time.Second

// Linger waits until each browser that watches the run has been given its end,
// and no longer than three seconds after that end. It waits for nobody when
// nobody watches, and stops waiting when ctx is done.
func (c *Coordinator) Linger(ctx context.Context) {
	if over, ended := c.board.over(); ended {
		c.page.Linger(ctx, lingerMost-over)
	}
}

// Close leaves: a run under way goes on under another coordinator if there is
// one, and is lost to its workers if there is none. It waits until everything
// that Start began has ended.
func (c *Coordinator) Close() error {
	c.cancel(errors.New("this coordinator is closing"))
	c.stopService()
	c.tasks.Wait()
	return c.release()
}

// stopService ends the gRPC service when what was answered is on the wire. Its
// Stop would drop what is not: the end of the run, as likely as not. It may be
// called by several goroutines.
func (c *Coordinator) stopService() {
	if c.rpc == nil { // Config.Serve's ends with the context
		return
	}
	impatient := time.AfterFunc(stopPatience, c.listen.closeAll)
	defer impatient.Stop()
	c.rpc.GracefulStop()
}

// release lets go of what open took.
func (c *Coordinator) release() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return nil
	}
	c.closed = true
	var errs []error
	if c.listen != nil {
		_ = c.listen.Close() // the server has closed it already
	}
	if c.status != nil {
		_ = c.status.Close()
	}
	errs = append(errs, c.stopNews())
	if c.store != nil {
		errs = append(errs, c.store.Close())
	}
	if c.local != nil {
		errs = append(errs, c.local.Close())
	}
	if c.etcd != nil {
		errs = append(errs, c.etcd.Close())
	}
	return errors.Join(errs...)
}

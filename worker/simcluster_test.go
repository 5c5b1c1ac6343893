package worker

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"hash/fnv"
	"log/slog"
	"math/rand/v2"
	"strings"
	"sync"
	"time"

	"google.golang.org/grpc/credentials"

	"github.com/rondo-ml/rondo/allreduce"
	"github.com/rondo-ml/rondo/coordinator"
	"github.com/rondo-ml/rondo/coordinator/api"
	"github.com/rondo-ml/rondo/coordinator/identity"
	"github.com/rondo-ml/rondo/coordinator/runfile"
)

// simCluster is a run in a simulation: coordinators and workers, all of this program's own
// code, and what starts them again.
type simCluster struct {
	seed   uint64
	rng    *rand.Rand // of the schedule; the network and the disks have others
	net    *simNet
	ring   *simRing
	file   *runfile.File
	creds  *identity.Credentials
	certs  map[string]*identity.Credentials // of workers that have their own
	stores *coordinator.MemoryStores
	exits  bool // the coordinator sees exit statuses, as that of rondo train does
	began  time.Time
	log    simLog
	tasks  sync.WaitGroup
	moment func(simMoment) // called before a process does what others can see; nil: nobody looks

	mu       sync.Mutex
	services map[string]*simService // by address
	coords   map[string]*coordinator.Coordinator
	workers  map[string]*simWorker
	slow     time.Duration      // that an operation of the disk takes beyond its usual time
	unfit    error              // with which all that writes to the disk fails; nil: it works
	rest     time.Duration      // of a host before its process is started again; 0: drawn
	ends     map[string][]error // of each worker's lives
	clock    coordinator.Clock  // of coordinators; nil: the virtual one
	mute     bool               // who led was killed when the run had ended
	over     bool
	result   chan coordinator.Result
	least    int
}

// simWorker is a worker's host: the process on it, while there is one.
type simWorker struct {
	name  string
	proc  *simProc
	leave context.CancelFunc
	gone  bool // it is not started again
	lives int
}

// simLog holds what was logged, with the virtual time.
type simLog struct {
	mu    sync.Mutex
	began time.Time
	text  strings.Builder
}

func (l *simLog) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	fmt.Fprintf(&l.text, "%9.4f ", time.Since(l.began).Seconds())
	return l.text.Write(p)
}

func (l *simLog) printf(format string, args ...any) { fmt.Fprintf(l, format+"\n", args...) }

func (l *simLog) of(who string) *slog.Logger {
	return slog.New(slog.NewTextHandler(l, &slog.HandlerOptions{Level: slog.LevelInfo, ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey {
			return slog.String("at", who)
		}
		return a
	}}))
}

// retry is how long a host rests before its process is started again.
func (c *simCluster) retry() time.Duration {
	if c.rest > 0 {
		return c.rest
	}
	c.net.mu.Lock()
	defer c.net.mu.Unlock()
	return time.Duration(1+c.net.rng.IntN(1500)) * time.Millisecond
}

func (c *simCluster) service(addr string) *simService {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.services[addr]
}

func (c *simCluster) isOver() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.over
}

// coordinate keeps a coordinator at an address.
func (c *simCluster) coordinate(ctx context.Context, name, addr string, workers int) {
	for ctx.Err() == nil {
		if c.lead(ctx, name, addr, workers) {
			return
		}
		time.Sleep(c.retry())
	}
}

// lead is one life of a coordinator; true says that the run is over.
func (c *simCluster) lead(ctx context.Context, name, addr string, workers int) bool {
	proc := c.net.start(name)
	cfg := coordinator.DefaultConfig()
	cfg.Run, cfg.Workers, cfg.Least, cfg.Name, cfg.Credentials, cfg.SeesExits = c.file, workers, c.least, name, c.creds, c.exits
	cfg.Store, cfg.Advertise, cfg.Log = c.stores.Store(), addr, c.log.of(name)
	if c.clock != nil {
		cfg.Clock = c.clock
	}
	cfg.Serve = func(s api.CoordinatorServer) (stop func()) {
		c.mu.Lock()
		defer c.mu.Unlock()
		own := &simService{proc, s, c.certificate(), c.notes(proc)}
		c.services[addr] = own
		return func() {
			c.mu.Lock()
			defer c.mu.Unlock()
			if c.services[addr] == own {
				delete(c.services, addr)
			}
		}
	}
	life, killed := context.WithCancel(ctx)
	defer killed()
	go func() { // a kill ends it at once, as far as others can see
		select {
		case <-proc.end:
			killed()
		case <-life.Done():
		}
	}()
	coord, err := coordinator.Start(life, cfg)
	if err != nil {
		c.log.printf("%s: %v", name, err)
		return ctx.Err() != nil
	}
	c.mu.Lock()
	c.coords[name] = coord
	c.mu.Unlock()
	defer coord.Close()
	select {
	case r := <-coord.Done():
		select {
		case c.result <- r:
		default:
		}
		select { // newcomers hear of the end
		case <-ctx.Done():
		case <-proc.end: // nobody starts it again, and whoever has not heard of the end yet waits
			c.mu.Lock()
			c.mute = true
			c.mu.Unlock()
			<-ctx.Done()
		}
		return true
	case <-life.Done():
		return ctx.Err() != nil
	}
}

func (c *simCluster) certificate() credentials.TLSInfo {
	return credentials.TLSInfo{State: tls.ConnectionState{PeerCertificates: []*x509.Certificate{simCertificate}}}
}

// employ keeps a worker on a host.
func (c *simCluster) employ(name string) {
	c.mu.Lock()
	if w := c.workers[name]; w != nil {
		w.gone = false
		c.mu.Unlock()
		return
	}
	w := &simWorker{name: name}
	c.workers[name] = w
	c.mu.Unlock()
	c.tasks.Go(func() {
		for !c.isOver() {
			if !w.isGone(c) {
				c.work(w)
			}
			if !c.isOver() {
				time.Sleep(c.retry())
			}
		}
	})
}

func (w *simWorker) isGone(c *simCluster) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return w.gone
}

// work is one life of a worker.
func (c *simCluster) work(w *simWorker) {
	proc := c.net.start(w.name)
	ctx, leave := context.WithCancel(context.Background())
	defer leave()
	c.mu.Lock()
	w.proc, w.leave = proc, leave
	w.lives++
	c.mu.Unlock()
	cfg := DefaultConfig()
	cfg.File, cfg.Name, cfg.Coordinators, cfg.Credentials, cfg.Threads, cfg.Log = c.file, w.name, []string{simAddrs[0], simAddrs[1]}, c.creds, 1, c.log.of(w.name)
	if own := c.certs[w.name]; own != nil {
		cfg.Credentials = own
	}
	cfg.Passes = 1
	if !c.file.LanesMeet() {
		cfg.Passes += c.pick(w) % 2
	}
	c.log.printf("%s starts with %d passes", w.name, cfg.Passes)
	cfg.SocketDir = "/nowhere" // the ring is another
	disk := &simDisk{net: c.net, self: proc, note: c.notes(proc), rng: rand.New(rand.NewPCG(uint64(c.pick(w)), 4)), trouble: func() (time.Duration, error) {
		c.mu.Lock()
		defer c.mu.Unlock()
		return c.slow, c.unfit
	}}
	cfg.outside = outside{
		call: func(addr string) (connection, error) {
			return &simDialer{net: c.net, self: proc, to: func() *simService { return c.service(addr) }, note: c.notes(proc)}, nil
		},
		fs: disk,
	}
	cfg.outside.ceiling = func(threads int) float64 { return 1e9 * float64(threads) }
	cfg.outside.ring = func(ctx context.Context, v *api.View, view allreduce.View, linked func(uint64, bool)) (next, prev allreduce.Link, err error) {
		if err := c.expired(v, view); err != nil {
			return nil, nil, err
		}
		next, prev, err = c.ring.connect(ctx, proc, v, view, linked)
		if next != nil && c.moment != nil {
			next = &simLink{next, c.notes(proc)}
		}
		return next, prev, err
	}
	err := Run(ctx, cfg)
	disk.leave()
	c.log.printf("%s ended: %v", w.name, err)
	c.mu.Lock()
	c.ends[w.name] = append(c.ends[w.name], err)
	c.mu.Unlock()
	status := "exit status 0"
	if c.net.dead(proc) {
		status = "killed by signal 9"
	} else if err != nil {
		status = "exit status 1"
	}
	c.exited(w.name, status)
}

// expired is the error of a worker that dials another, where the certificate of one of the two is over.
func (c *simCluster) expired(v *api.View, view allreduce.View) error {
	next := view.Next(int(v.Self))
	for _, name := range []string{v.Peers[v.Self].Name, v.Peers[next].Name} {
		if own := c.certs[name]; own != nil && own.Over() && next != int(v.Self) {
			return &allreduce.PeerError{Worker: next, Peer: v.Peers[next].Name, Op: "dial", Err: errors.New("expired certificate")}
		}
	}
	return nil
}

// pick is a number for a life of a worker, which does not depend on what others do.
func (c *simCluster) pick(w *simWorker) int {
	h := fnv.New64a()
	fmt.Fprint(h, c.seed, w.name, w.lives)
	return int(h.Sum64() >> 1)
}

// exited tells the coordinator, where it is the workers' parent.
func (c *simCluster) exited(name, status string) {
	c.mu.Lock()
	coord := c.coords["coordinator-0"]
	c.mu.Unlock()
	if c.exits && coord != nil {
		coord.WorkerExited(name, status)
	}
}

// simAddrs are those of the coordinators.
var simAddrs = []string{"10.0.0.1:7000", "10.0.0.2:7000"}

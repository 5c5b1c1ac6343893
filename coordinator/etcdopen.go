package coordinator

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"go.etcd.io/etcd/api/v3/v3rpc/rpctypes"
	clientv3 "go.etcd.io/etcd/client/v3"
	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"
)

// openPatience bounds how long etcd may take for a first answer.
const openPatience = 5 * time.Second

// An etcd that was away is found soon when it is back: a cut line is noticed
// after twice cutAfter, and dialled again at least every two seconds.
const cutAfter = 2 * time.Second

var redial = backoff.Config{BaseDelay: 100 * time.Millisecond, Multiplier: 1.6, Jitter: 0.2, MaxDelay: 2 * time.Second}

// OpenEtcd connects to an etcd, and makes sure that the record of the run can be
// read and written there. An error says for each endpoint what is wrong and what
// to do. As long as one endpoint can be spoken to, what is wrong with the others
// is logged.
func OpenEtcd(ctx context.Context, c EtcdConfig, run string, log *slog.Logger) (Store, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	if err := probeAll(ctx, newProbe(c.TLS), c.Endpoints, log); err != nil {
		return nil, err
	}
	client, err := clientv3.New(clientv3.Config{Endpoints: c.Endpoints, TLS: c.TLS, Username: c.User, Password: c.Password,
		DialTimeout: openPatience, Logger: zapTo(log), DialKeepAliveTime: cutAfter, DialKeepAliveTimeout: cutAfter,
		DialOptions: []grpc.DialOption{grpc.WithConnectParams(grpc.ConnectParams{Backoff: redial, MinConnectTimeout: cutAfter})}})
	if err != nil {
		return nil, c.explain(err)
	}
	s := &etcdStore{client: client, owned: true, run: run, tells: c.explain}
	try, cancel := context.WithTimeout(ctx, openPatience)
	defer cancel()
	if err := s.rehearse(try); err != nil {
		client.Close()
		return nil, c.explain(err)
	}
	return s, nil
}

// Pauses before an etcd that could not be reached is tried again, each twice as long as the one before.
const (
	etcdAgainFirst = 50 * time.Millisecond
	etcdAgainMost  = 2 * time.Second
)

// awaitEtcd is OpenEtcd, again and again until c.Wait is over.
func awaitEtcd(ctx context.Context, c EtcdConfig, run string, log *slog.Logger) (Store, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	var s Store
	err := persist(ctx, c.Wait, log, func() (err error) {
		s, err = OpenEtcd(ctx, c, run, log)
		return err
	})
	return s, err
}

// persist opens an etcd until that succeeds or the time is over. What is wrong is logged when it changes.
func persist(ctx context.Context, wait time.Duration, log *slog.Logger, open func() error) error {
	told, began := "", time.Now()
	for pause := etcdAgainFirst; ; pause = min(2*pause, etcdAgainMost) {
		err := open()
		if err == nil || time.Since(began) >= wait {
			return err
		}
		if text := err.Error(); text != told {
			told = text
			log.Warn("waiting for etcd", "for", wait, "error", err)
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return err
		}
	}
}

// probeAll fails when no endpoint can be spoken to.
func probeAll(ctx context.Context, p *etcdProbe, endpoints []string, log *slog.Logger) error {
	type outcome struct {
		at  int
		err error
	}
	outcomes := make(chan outcome)
	for i, text := range endpoints {
		go func() {
			e, err := parseEndpoint(text)
			if err == nil {
				err = p.check(ctx, e)
			}
			outcomes <- outcome{i, err}
		}()
	}
	faults := make([]error, len(endpoints))
	failed := 0
	for range endpoints {
		o := <-outcomes
		if faults[o.at] = o.err; o.err != nil {
			failed++
		}
	}
	if failed == len(endpoints) {
		return joinLine(faults)
	}
	for _, err := range faults {
		if err != nil {
			log.Warn("an endpoint of etcd cannot be used", "error", err)
		}
	}
	return nil
}

// joinLine joins errors to one on one line.
func joinLine(errs []error) error {
	texts := make([]string, len(errs))
	for i, err := range errs {
		texts[i] = err.Error()
	}
	return errors.New(strings.Join(texts, "; "))
}

// rehearse asks for all that the record needs, in a transaction that changes
// nothing: etcd checks permissions and room before it looks at the condition.
func (s *etcdStore) rehearse(ctx context.Context) error {
	leader, data := leaders+s.run+"/", s.data()
	key := leader + "rehearsal"
	never := clientv3.Compare(clientv3.CreateRevision(key), "<", 0)
	_, err := s.client.Txn(ctx).If(never).Then(
		clientv3.OpPut(key, ""), clientv3.OpGet(leader, clientv3.WithPrefix()),
		clientv3.OpDelete(data, clientv3.WithPrefix()), clientv3.OpGet(data, clientv3.WithPrefix()),
	).Commit()
	return err
}

// errNoSpace says that etcd answers, and takes no writes of anybody before its operator has made room.
var errNoSpace = errors.New("no space left")

// explain says what an answer of etcd means here, and what to do.
func (c *EtcdConfig) explain(err error) error {
	at := "etcd " + strings.Join(c.Endpoints, ",")
	is := func(kinds ...error) bool {
		for _, kind := range kinds {
			if errors.Is(rpctypes.Error(err), kind) {
				return true
			}
		}
		return false
	}
	switch {
	case is(rpctypes.ErrAuthFailed):
		return fmt.Errorf("%s: it has no user %s with this password: look at --etcd-user and --etcd-password-file", at, c.User)
	case is(rpctypes.ErrUserEmpty, rpctypes.ErrInvalidAuthToken):
		return fmt.Errorf("%s: it asks for a user: give --etcd-user NAME and --etcd-password-file FILE", at)
	case is(rpctypes.ErrPermissionDenied):
		return fmt.Errorf("%s: %s may not read and write beneath /rondo/; grant it with: etcdctl role grant-permission ROLE readwrite /rondo/ --prefix=true", at, c.who())
	case is(rpctypes.ErrNoSpace):
		return fmt.Errorf("%s: it has %w (alarm NOSPACE): compact and defragment it, then etcdctl alarm disarm", at, errNoSpace)
	case is(rpctypes.ErrNoLeader) || errors.Is(err, context.DeadlineExceeded):
		return fmt.Errorf("%s: it takes connections and does not answer within %v: has the cluster a leader? (etcdctl endpoint status)", at, openPatience)
	}
	return fmt.Errorf("%s: %w", at, err)
}

func (c *EtcdConfig) who() string {
	if c.User == "" {
		return "the user of our certificate"
	}
	return "user " + c.User
}

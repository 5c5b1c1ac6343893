package worker

import (
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"github.com/rondo-ml/rondo/coordinator"
	"github.com/rondo-ml/rondo/coordinator/identity"
)

// TestExpired has another worker join when the certificate of one is over, which the ring of before has not minded: that one
// ends, and the others go on without it to the end of a calm run.
func TestExpired(t *testing.T) {
	k := newSimKit(t)
	joins := &trigger{host: "worker-0", what: "says: step step 4", strike: func(c *simCluster) { c.employ("worker-7") }}
	k.want(t, "a certificate that is over", 0, func(c *simCluster) coordinator.Result {
		var over atomic.Bool
		creds, err := shortLived("worker-1", func(expires time.Time) time.Time {
			if over.Load() {
				return expires.Add(time.Hour)
			}
			return time.Now()
		})
		if err != nil {
			t.Fatal(err)
		}
		c.certs = map[string]*identity.Credentials{"worker-1": creds}
		c.at(&trigger{host: "worker-1", what: "says: step step 3", strike: func(c *simCluster) {
			over.Store(true)
			c.mu.Lock()
			defer c.mu.Unlock()
			c.workers["worker-1"].gone = true // no coordinator would let it in
		}}, joins)
		r := c.carry(3, false, nil)
		ends := c.ends["worker-1"]
		if _, ok := errors.AsType[*CertificateError](errors.Join(ends...)); !ok || len(ends) != 1 {
			t.Errorf("worker-1 ended with %v", ends)
		}
		return r
	}, joins)
}

// shortLived makes a worker's credentials, whose clock is told when they expire.
func shortLived(name string, now func(expires time.Time) time.Time) (*identity.Credentials, error) {
	authority, err := identity.NewAuthority()
	if err != nil {
		return nil, err
	}
	request, err := identity.NewRequest()
	if err != nil {
		return nil, err
	}
	cert, err := authority.Sign(request.DER, name, time.Now(), time.Hour, identity.WorkerRole)
	if err != nil {
		return nil, err
	}
	grant, err := request.Take(cert, authority.PEM(), time.Now())
	if err != nil {
		return nil, err
	}
	return identity.NewCredentials("the certificate of "+name, grant, func() time.Time { return now(grant.Expires()) })
}

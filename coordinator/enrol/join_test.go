package enrol

import (
	"context"
	"errors"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rondo-ml/rondo/coordinator/identity"
	"github.com/rondo-ml/rondo/coordinator/token"
)

func TestJoin(t *testing.T) {
	for _, pinned := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			p := newPort(t, time.Hour)
			hash := ""
			if pinned {
				hash = p.server.Authority.Hash()
			}
			for role, may := range map[token.Role]identity.Permission{token.Worker: identity.MayWork("worker-0"), token.Operator: identity.MaySteer} {
				tok := p.issue(hash, role, time.Hour)
				creds, err := p.member(tok).Join(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				if err := creds.Permit(may); err != nil {
					t.Error(err)
				}
				for what, not := range map[string]identity.Permission{"coordinate": identity.MayCoordinate, "be another": identity.MayWork("worker-1")} {
					if creds.Permit(not) == nil {
						t.Errorf("a token of role %s lets its holder %s", role, what)
					}
				}
				if got, err := p.greeted(creds); got != "welcome" {
					t.Errorf("role %s: its certificate is refused: %v", role, err)
				}
				if left := time.Until(creds.Expires()); left < 59*time.Minute || left > time.Hour {
					t.Errorf("the certificate ends in %v, want an hour", left)
				}
			}
			wantNoErrors(t, p)
		})
	}
}

func wantNoErrors(t *testing.T, p *port) {
	t.Helper()
	for _, err := range p.said() {
		if err != nil {
			t.Error(err)
		}
	}
}

// Tokens that do not count: what both sides say, and that no secret is in it.
func TestJoinRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, other := newPort(t, time.Hour), newPort(t, time.Hour)
		expired := p.issue("", token.Worker, time.Minute)
		time.Sleep(time.Minute)
		revoked := p.issue("", token.Worker, 0)
		r := p.tokens[revoked.ID]
		r.Revoked = time.Now()
		p.tokens[revoked.ID] = r
		good := p.issue("", token.Worker, 0)
		wrong, err := token.Parse(good.ID + ".0123456789abcdef0123456789abcdef")
		if err != nil {
			t.Fatal(err)
		}
		for what, c := range map[string]struct {
			tok          token.Token
			here, coordi string
		}{
			"unknown":           {token.New(""), "there is no token", "there is no token"},
			"expired":           {expired, "expired at", "expired at"},
			"revoked":           {revoked, "was revoked at", "was revoked at"},
			"another secret":    {wrong, "does not prove the secret", "did not take our proof"},
			"another authority": {p.issue(other.server.Authority.Hash(), token.Worker, 0), other.server.Authority.Hash(), ""},
		} {
			creds, err := p.member(c.tok).Join(t.Context())
			if creds != nil || err == nil || !strings.Contains(err.Error(), c.here) || !strings.Contains(err.Error(), c.tok.ID) {
				t.Errorf("%s: want %q, got %v", what, c.here, err)
			}
			all := p.said()
			if last := all[len(all)-1]; last == nil || !strings.Contains(last.Error(), c.coordi) {
				t.Errorf("%s: the coordinator says %v, want %q", what, last, c.coordi)
			}
			secret := strings.Split(c.tok.Text(), ".")[1]
			if text := p.log.String() + errors.Join(append(all, err)...).Error(); strings.Contains(text, secret) {
				t.Errorf("%s: the secret is shown:\n%s", what, text)
			}
		}
		_, err = p.member(p.issue(other.server.Authority.Hash(), token.Worker, 0)).Join(t.Context())
		if is, ok := errors.AsType[*AuthorityError](err); !ok || is.Have != p.server.Authority.Hash() || !strings.Contains(err.Error(), is.Have) {
			t.Errorf("another authority: %v; want both hashes", err)
		}
	})
}

// A port that is closed, silent or busy at first is waited for.
func TestJoinWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPort(t, time.Hour)
		m := p.member(p.issue("", token.Worker, 0))
		tries := 0
		dial := p.dial
		m.Dial = func(ctx ctx, network, addr string) (conn, error) {
			if tries++; tries < 50 {
				return nil, errors.New("connection refused")
			}
			return dial(ctx, network, addr)
		}
		if _, err := m.Join(t.Context()); err != nil || tries != 50 {
			t.Errorf("after %d tries: %v", tries, err)
		}
		if lines := strings.Count(p.log.String(), "waits for a coordinator"); lines < 1 || lines > 3 {
			t.Errorf("%d lines in a minute and a half:\n%s", lines, p.log.String())
		}
	})
}

// silentUntil is a port that answers from a time on. Before, nothing comes back, and the system knocks at once, after a
// second, after three, and after seven.
func silentUntil(from time.Time, dial dialer) dialer {
	return func(ctx ctx, network, addr string) (conn, error) {
		for _, wait := range []time.Duration{0, time.Second, 2 * time.Second, 4 * time.Second, time.Hour} {
			select {
			case <-time.After(wait):
			case <-ctx.Done():
				return nil, ctx.Err()
			}
			if !time.Now().Before(from) {
				break
			}
		}
		return dial(ctx, network, addr)
	}
}

// beforeThePort is a worker whose coordinator's name is known after a minute, and whose port answers after another.
func (p *port) beforeThePort() *Member {
	begun := time.Now()
	m := p.member(p.issue("", token.Worker, 0))
	m.Lookup = func(_ ctx, host string) ([]string, error) {
		if time.Since(begun) < time.Minute {
			return nil, &net.DNSError{Err: "no such host", Name: host, IsNotFound: true}
		}
		return []string{"10.0.0.7"}, nil
	}
	m.Dial = silentUntil(begun.Add(2*time.Minute), p.dial)
	return m
}

// A coordinator's name may not be known yet, and then its port be silent: a worker says so seldom, joins soon after, and
// leaves at once where it is asked to.
func TestJoinBeforeTheName(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPort(t, time.Hour)
		begun := time.Now()
		if _, err := p.beforeThePort().Join(t.Context()); err != nil {
			t.Fatal(err)
		}
		if late := time.Since(begun) - 2*time.Minute; late < 0 || late > 2*time.Second {
			t.Errorf("it joins %v after the port answers, want within 2 s", late)
		}
		lines := strings.Split(p.log.String(), "\n")
		if n := strings.Count(p.log.String(), "waits for a coordinator"); n < 1 || n > 3 || !strings.Contains(lines[0], "no such host") {
			t.Errorf("%d lines in two minutes:\n%s", n, p.log.String())
		}
		p.served.Wait()
	})
	asked := errors.New("asked to leave")
	for _, after := range []time.Duration{time.Second, 59500 * time.Millisecond, 61500 * time.Millisecond, 119 * time.Second} {
		synctest.Test(t, func(t *testing.T) {
			p := newPort(t, time.Hour)
			ctx, leave := context.WithCancelCause(t.Context())
			var told time.Time
			time.AfterFunc(after, func() {
				told = time.Now()
				leave(asked)
			})
			if _, err := p.beforeThePort().Join(ctx); !errors.Is(err, asked) || time.Since(told) > 0 {
				t.Errorf("asked after %v, it ends %v later: %v", after, time.Since(told), err)
			}
		})
	}
}

// Of a name's addresses one that is silent keeps no worker from the others.
func TestJoinBesideTheSilent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPort(t, time.Hour)
		m := p.member(p.issue("", token.Worker, 0))
		m.Lookup = func(ctx, string) ([]string, error) { return []string{"10.0.0.6", "10.0.0.7"}, nil }
		silent := silentUntil(time.Now().Add(time.Hour), nil)
		m.Dial = func(ctx ctx, network, addr string) (conn, error) {
			if addr == "10.0.0.6:8781" {
				return silent(ctx, network, addr)
			}
			return p.dial(ctx, network, addr)
		}
		begun := time.Now()
		if _, err := m.Join(t.Context()); err != nil || time.Since(begun) > connectPatience {
			t.Errorf("after %v: %v", time.Since(begun), err)
		}
		p.served.Wait()
	})
}

// Certificates are renewed for as long as the process lives, though the token has gone.
func TestKeep(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPort(t, 3*time.Minute)
		tok := p.issue("", token.Worker, time.Minute)
		m := p.member(tok)
		creds, err := m.Join(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		m.Token = func() (token.Token, error) { return token.Token{}, errors.New("the token's file is gone") }
		stop := keep(t, m)
		for range 40 { // a day and more of renewals, for a life of a day
			before := creds.Expires()
			time.Sleep(2*time.Minute + time.Second)
			synctest.Wait()
			if !creds.Expires().After(before) {
				t.Fatalf("after two thirds of its life the certificate still ends at %v", before)
			}
			if got, err := p.greeted(creds); got != "welcome" {
				t.Fatalf("the renewed certificate is refused: %v", err)
			}
		}
		if err := creds.Permit(identity.MayWork("worker-0")); err != nil || creds.Permit(identity.MayWork("worker-1")) == nil {
			t.Errorf("the renewed certificate is for another: %v", err)
		}
		stop()
		if log := p.log.String(); strings.Contains(log, "not renewed") {
			t.Errorf("a renewal failed:\n%s", log)
		}
	})
}

// Who was away until the certificate had expired joins by token again; so does who meets another authority, if the
// token's secret is known there.
func TestKeepByToken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, next := newPort(t, 3*time.Minute), newPort(t, 3*time.Minute)
		tok := p.issue("", token.Worker, 0)
		next.tokens[tok.ID] = p.tokens[tok.ID]
		m := p.member(tok)
		creds, err := m.Join(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		var at atomic.Pointer[port] // none: away
		m.Dial = func(ctx ctx, network, addr string) (conn, error) {
			if p := at.Load(); p != nil {
				return p.dial(ctx, network, addr)
			}
			return nil, errors.New("no route to host")
		}
		stop := keep(t, m)
		time.Sleep(10 * time.Minute)
		synctest.Wait()
		if got, err := p.greeted(creds); got != "" {
			t.Errorf("an expired certificate is taken: %v", err)
		}
		at.Store(p)
		time.Sleep(time.Minute)
		synctest.Wait()
		if got, err := p.greeted(creds); got != "welcome" {
			t.Errorf("back again: %v", err)
		}
		at.Store(next) // the record is lost, and a coordinator has begun another
		if _, err := next.greeted(creds); err == nil || !strings.Contains(err.Error(), "unknown authority") {
			t.Errorf("another authority: %v", err)
		}
		time.Sleep(time.Second)
		synctest.Wait()
		if got, err := next.greeted(creds); got != "welcome" {
			t.Errorf("with another authority: %v\n%s", err, p.log.String())
		}
		stop()
	})
}

// Whoever meets a stranger of another authority goes on with coordinators of its own: it renews by its certificate though the
// token is over, and does not ask anew each time that it meets the stranger.
func TestKeepBesideStranger(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, stranger := newPort(t, 3*time.Minute), newPort(t, 3*time.Minute)
		m := p.member(p.issue("", token.Worker, time.Minute))
		creds, err := m.Join(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		stop := keep(t, m)
		const minutes = 10
		for range minutes * 60 {
			time.Sleep(time.Second)
			if _, err := stranger.greeted(creds); err == nil {
				t.Fatal("the stranger is taken for a coordinator")
			}
		}
		if got, err := p.greeted(creds); got != "welcome" {
			t.Errorf("after %d minutes: %v\n%s", minutes, err, p.log.String())
		}
		stop()
		if n := strings.Count(p.log.String(), "a certificate was issued"); n > 2*minutes+2 {
			t.Errorf("%d certificates in %d minutes", n, minutes)
		}
	})
}

// TestRenewAfterRevoking renews while the token by which a worker came stands, has expired or is forgotten, and not when it
// was revoked or nobody can tell.
func TestRenewAfterRevoking(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPort(t, time.Hour)
		made := p.issue(p.server.Authority.Hash(), token.Worker, time.Second)
		m := p.member(made)
		if _, err := m.Join(t.Context()); err != nil {
			t.Fatal(err)
		}
		record := p.tokens[made.ID]
		find := p.server.Find
		revoke := func() { record.Revoked = time.Now(); p.tokens[made.ID] = record }
		for _, c := range []struct {
			name   string
			change func()
			want   string
			later  bool
		}{
			{"it stands", func() {}, "", false},
			{"it has expired", func() { time.Sleep(time.Minute) }, "", false},
			{"it is forgotten", func() { delete(p.tokens, made.ID) }, "", false},
			{"it was revoked", revoke, "token " + made.ID + " was revoked", false},
			{"the record is away", func() {
				p.server.Find = func(context.Context, string) (token.Record, error) { return token.Record{}, errors.New("no etcd") }
			}, "cannot be read now", true},
			{"the record is there again", func() { p.server.Find = find; delete(p.tokens, made.ID) }, "", false},
		} {
			p.served.Wait()
			c.change()
			g, err := m.byCertificate(t.Context())
			no, _ := errors.AsType[*RefusedError](err)
			if c.want == "" && err != nil || c.want != "" && (no == nil || !strings.Contains(no.Reason, c.want) || no.Later != c.later) {
				t.Errorf("%s: %v, want %q", c.name, err, c.want)
			}
			if err == nil {
				err = m.creds.Replace(g) // the next is asked for by this one
			}
			if c.want == "" && err != nil {
				t.Errorf("%s: %v", c.name, err)
			}
		}
		p.served.Wait()
	})
}

// TestTooManyUses refuses whoever comes after as many as may.
func TestTooManyUses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPort(t, time.Hour)
		made := p.issue(p.server.Authority.Hash(), token.Worker, 0)
		record := p.tokens[made.ID]
		record.Uses = 1
		p.tokens[made.ID] = record
		var came []string
		p.server.Use = func(_ context.Context, _ token.Record, name string) error {
			if came = append(came, name); len(came) > record.Uses {
				return ErrUsed
			}
			return nil
		}
		if _, err := p.member(made).Join(t.Context()); err != nil {
			t.Fatal(err)
		}
		other := p.member(made)
		other.Name = "worker-1"
		_, err := other.Join(t.Context())
		if no, ok := errors.AsType[*RefusedError](err); !ok || no.Later || !strings.Contains(no.Reason, "as many processes as may (1)") {
			t.Errorf("one too many: %v", err)
		}
		p.served.Wait()
		if strings.Join(came, " ") != "worker-0 worker-1" {
			t.Errorf("counted: %v", came)
		}
	})
}

// TestNoTokensHere joins a coordinator that has certificates of its own: it says so, and the member does not try for ever.
func TestNoTokensHere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPort(t, time.Hour)
		p.config.GetConfigForClient = nil // as one without Offer
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		_, err := p.member(p.issue("", token.Worker, 0)).Join(ctx)
		if no, ok := errors.AsType[*RefusedError](err); !ok || no.Later || !strings.Contains(no.Reason, "it takes no tokens") {
			t.Errorf("a coordinator without tokens: %v", err)
		}
		p.served.Wait()
	})
}

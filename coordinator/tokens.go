package coordinator

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"sync"
	"time"

	"google.golang.org/grpc/credentials"

	"github.com/rondo-ml/rondo/coordinator/enrol"
	"github.com/rondo-ml/rondo/coordinator/identity"
	"github.com/rondo-ml/rondo/coordinator/token"
)

// TokenConfig says how others join by token.
type TokenConfig struct {
	// File and OperatorFile are files of tokens, for workers and for operators, that count beside those of the record
	// for as long as they are in the files. Empty: none.
	File, OperatorFile string
	// Life is how long a certificate is valid; it is renewed after two thirds of that.
	Life time.Duration
}

// The shortest and the longest life of a certificate.
const (
	minCertificate = time.Minute
	maxCertificate = 365 * 24 * time.Hour
)

// Validate says what is impossible.
func (t *TokenConfig) Validate() error {
	if t.Life < minCertificate || t.Life > maxCertificate {
		return fmt.Errorf("--cert-ttl %v: from %v to %v", t.Life, minCertificate, maxCertificate)
	}
	return nil
}

// findPatience bounds how long the record may take to tell of a token.
const findPatience = 5 * time.Second

// openTrust gives this coordinator a certificate by the authority of the record, and lets others join by token.
func (c *Coordinator) openTrust(ctx context.Context) error {
	t := c.cfg.Tokens
	if t == nil {
		return nil
	}
	vault, err := c.vault()
	if err != nil {
		return err
	}
	trust := NewTrust(vault, c.cfg.Clock.Now)
	authority, err := trust.Authority(ctx)
	if err != nil {
		return err
	}
	creds, err := authority.Own(c.cfg.Name, t.Life, c.cfg.Clock.Now, identity.CoordinatorRole)
	if err != nil {
		return err
	}
	book := &tokenBook{trust: trust, log: c.cfg.Log}
	for _, f := range []*tokenFile{{flag: "--token-file", path: t.File, role: token.Worker}, {flag: "--operator-token-file", path: t.OperatorFile, role: token.Operator}} {
		if f.path == "" {
			continue
		}
		if err := f.open(authority.Hash()); err != nil {
			return err
		}
		book.files = append(book.files, f)
	}
	if _, err := book.Tokens(ctx); err != nil { // which of the files' are revoked
		c.cfg.Log.Warn("which tokens are revoked is not known yet", "reason", err)
	}
	c.cfg.Credentials, c.board.expiry = creds, creds.Expires
	c.tokens = book
	c.joins = &enrol.Server{Authority: authority, Find: book.find, Use: trust.use, Life: t.Life, Now: c.cfg.Clock.Now, Log: c.cfg.Log}
	c.cfg.Log.Info("processes join by token", "authority", authority.Hash(), "certificates for", t.Life)
	return nil
}

// vault is the one that goes with the record.
func (c *Coordinator) vault() (Vault, error) {
	if s, ok := c.store.(*etcdStore); ok {
		return &etcdVault{client: s.client}, nil
	}
	return openFileVault(c.cfg.RecordDir)
}

// joinByToken serves a connection whose peer asked to join by token, and closes it.
func (c *Coordinator) joinByToken(conn net.Conn, info credentials.AuthInfo) error {
	tls, ok := info.(credentials.TLSInfo)
	if !ok {
		return errors.Join(errors.New("joining by token: no TLS"), conn.Close())
	}
	ctx, cancel := context.WithTimeout(context.Background(), handshakePatience)
	defer cancel()
	return c.joins.Serve(ctx, conn, tls.State)
}

// tokenFile is a file of tokens. What is in it counts, and what was in it does not.
type tokenFile struct {
	flag, path string
	role       token.Role

	mu   sync.Mutex
	last []token.Token
}

// open reads the file, and compares the hashes in it with that of the authority.
func (f *tokenFile) open(authority string) error {
	tokens, err := token.ReadFile(f.path)
	if err != nil {
		return fmt.Errorf("%s: %w", f.flag, err)
	}
	for _, t := range tokens {
		if t.Hash != "" && t.Hash != authority {
			return fmt.Errorf("%s: token %s is for the authority %s, and the record has the authority %s: make a new token, or name the record of that cluster",
				f.flag, t.ID, t.Hash, authority)
		}
	}
	f.last = tokens
	return nil
}

// find looks for a token in the file as it is now.
func (f *tokenFile) find(id string, log *slog.Logger) (token.Record, bool) {
	for _, r := range f.all(log) {
		if r.ID == id {
			return r, true
		}
	}
	return token.Record{}, false
}

// all are the tokens of the file as it is now. While it cannot be read, as when it is just being replaced, what it held before
// counts.
func (f *tokenFile) all(log *slog.Logger) (all []token.Record) {
	tokens, err := token.ReadFile(f.path)
	f.mu.Lock()
	defer f.mu.Unlock()
	if err != nil {
		log.Warn(f.flag+" cannot be read now; the tokens that it held before still count", "reason", err)
	} else {
		f.last = tokens
	}
	for _, t := range f.last {
		all = append(all, token.RecordOf(t, f.role, time.Time{}, 0, "of "+f.flag))
	}
	return all
}

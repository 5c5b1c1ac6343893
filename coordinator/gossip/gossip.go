package gossip

import (
	"cmp"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/hashicorp/memberlist"

	"github.com/rondo-ml/rondo/coordinator/advertise"
)

// Discovery spreads the news of who exists and where, and which coordinator
// leads. It hints at failures and decides nothing: on busy machines it takes
// live processes for dead ones.
type Discovery interface {
	// Addr is the host:port that others join by.
	Addr() string
	// Members are all that are thought to live, this one included, by the
	// order of roles and names.
	Members() []Meta
	// Join exchanges news with the seeds that answer, host:port of members. Each that does not takes seconds.
	Join(seeds []string)
	// Announce changes what this member tells of itself.
	Announce(Meta) error
	// Leave says goodbye and stops.
	Leave() error
}

// Meta is what a member tells of itself.
type Meta struct {
	Name   string `json:"name"`
	Role   string `json:"role"`             // RoleCoordinator or RoleWorker
	Leader string `json:"leader,omitempty"` // host:port of the leading coordinator, as far as it knows
}

// The roles of members.
const (
	RoleCoordinator = "coordinator"
	RoleWorker      = "worker"
)

// Change is news of a member.
type Change struct {
	What string // joined, updated or gone
	Meta Meta
}

// Config says how to gossip.
type Config struct {
	Bind      string   // host:port; port 0 takes a free one
	Advertise string   // host:port that others dial; empty: Bind's, or what reaches the first of Toward
	Toward    []string // host:port of processes from which others are reached; see advertise.Port
	Key       []byte   // 32 bytes that all members share; who lacks them hears and says nothing

	// Server and Client are for streams, which are mutual TLS. Datagrams have the
	// key alone.
	Server, Client *tls.Config

	Seeds []string // host:port of members that Start joins by; none of them needs to live
	Meta  Meta
	Log   *slog.Logger
	// OnChange hears of others. It must not block, nor call the Discovery.
	OnChange func(Change)
}

// member is Discovery by memberlist.
type member struct {
	list     *memberlist.Memberlist
	self     string // name among members: role and name, which are unique in a run
	onChange func(Change)
	log      *slog.Logger

	mu   sync.Mutex
	meta []byte
}

// leavePatience is how long a goodbye may take, seedPatience how long a seed may
// take to answer.
const (
	leavePatience = 500 * time.Millisecond
	seedPatience  = 2 * time.Second
)

// Start starts to listen and joins the seeds that answer. That none does
// is not an error: the first member has nobody to join.
func Start(cfg Config) (Discovery, error) {
	if len(cfg.Key) != 32 {
		return nil, fmt.Errorf("gossip: a key of %d bytes: want 32", len(cfg.Key))
	}
	if err := checkName(cfg.Meta.Name); err != nil {
		return nil, fmt.Errorf("gossip: %w", err)
	}
	if cfg.Server == nil || cfg.Client == nil || cfg.Server.ClientAuth != tls.RequireAndVerifyClientCert {
		return nil, errors.New("gossip: no TLS configuration that requires and verifies certificates")
	}
	g := &member{self: cfg.Meta.Role + "/" + cfg.Meta.Name, onChange: cfg.OnChange, log: cfg.Log}
	var err error
	if g.meta, err = encodeMeta(cfg.Meta); err != nil {
		return nil, err
	}
	bind, err := resolve("--gossip-listen", cfg.Bind)
	if err != nil {
		return nil, err
	}
	t, err := newTransport(bind, cfg)
	if err != nil {
		return nil, err
	}
	m, err := g.configure(cfg, bind.IP, t)
	if err == nil {
		g.list, err = memberlist.Create(m)
	}
	if err != nil {
		_ = t.Shutdown() // it was not used
		return nil, fmt.Errorf("gossip: %w", err)
	}
	g.Join(cfg.Seeds)
	return g, nil
}

func (g *member) Join(seeds []string) {
	if len(seeds) == 0 {
		return
	}
	if n, err := g.list.Join(seeds); n == 0 {
		g.log.Debug("gossip: no seed answers", "seeds", seeds, "error", err)
	}
}

// configure says how memberlist gossips over t.
func (g *member) configure(cfg Config, ip net.IP, t *transport) (*memberlist.Config, error) {
	m := memberlist.DefaultLANConfig()
	if ip.IsLoopback() {
		m = memberlist.DefaultLocalConfig()
	}
	port := t.GetAutoBindPort()
	m.Name, m.Transport, m.BindPort = g.self, t, port
	m.SecretKey, m.Delegate, m.Events = cfg.Key, g, g
	m.LogOutput = debugLines{cfg.Log.With("part", "gossip")}
	m.TCPTimeout = seedPatience
	if ip == nil {
		ip = net.IPv6unspecified // of both families
	}
	ctx, cancel := context.WithTimeout(context.Background(), advertisePatience)
	defer cancel()
	p := advertise.Port{Flag: advertiseFlag, Listening: net.JoinHostPort(ip.String(), strconv.Itoa(port)), Given: cfg.Advertise, Toward: cfg.Toward}
	addr, err := p.Address(ctx)
	if err != nil {
		return nil, err
	}
	told, err := resolve(advertiseFlag, addr) // members are known by numbers
	if err != nil {
		return nil, err
	}
	m.AdvertiseAddr, m.AdvertisePort = told.IP.String(), told.Port
	return m, nil
}

const (
	advertiseFlag     = "--gossip-advertise"
	advertisePatience = 5 * time.Second // of name servers
)

// resolve is the address that a flag gives. One of all hosts has no IP.
func resolve(flag, addr string) (*net.TCPAddr, error) {
	tcp, err := net.ResolveTCPAddr("tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("gossip: %s %q: want HOST:PORT: %w", flag, addr, err)
	}
	return tcp, nil
}

func encodeMeta(m Meta) ([]byte, error) {
	text, err := json.Marshal(m)
	if err != nil {
		return nil, fmt.Errorf("gossip: %w", err)
	}
	if len(text) > memberlist.MetaMaxSize {
		return nil, fmt.Errorf("gossip: %d bytes of metadata, at most %d: shorten the name of %.40s", len(text), memberlist.MetaMaxSize, m.Name)
	}
	return text, nil
}

// metaOf reads what a member tells of itself; false when it makes no sense.
func metaOf(n *memberlist.Node) (Meta, bool) {
	var m Meta
	if json.Unmarshal(n.Meta, &m) != nil || checkName(m.Name) != nil || (m.Role != RoleCoordinator && m.Role != RoleWorker) {
		return Meta{}, false
	}
	return m, true
}

func (g *member) Addr() string { return g.list.LocalNode().Address() }

func (g *member) Members() []Meta {
	var all []Meta
	for _, n := range g.list.Members() {
		if m, ok := metaOf(n); ok {
			all = append(all, m)
		}
	}
	slices.SortStableFunc(all, func(a, b Meta) int { return cmp.Or(cmp.Compare(a.Role, b.Role), cmp.Compare(a.Name, b.Name)) })
	return all
}

func (g *member) Announce(m Meta) error {
	text, err := encodeMeta(m)
	if err != nil {
		return err
	}
	g.mu.Lock()
	g.meta = text
	g.mu.Unlock()
	if err := g.list.UpdateNode(leavePatience); err != nil {
		return fmt.Errorf("gossip: %w", err)
	}
	return nil
}

func (g *member) Leave() error {
	left := g.list.Leave(leavePatience)
	if err := errors.Join(left, g.list.Shutdown()); err != nil {
		return fmt.Errorf("gossip: leaving: %w", err)
	}
	return nil
}

// maxName is the longest name that is told or believed.
const maxName = 128

// checkName admits names that stay whole in logs.
func checkName(name string) error {
	if name == "" || len(name) > maxName || strings.ContainsFunc(name, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return fmt.Errorf("name %.40q: want 1 to %d printable ASCII characters", name, maxName)
	}
	return nil
}

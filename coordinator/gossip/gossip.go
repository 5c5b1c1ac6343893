package gossip

import (
	"cmp"
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
	Advertise string   // host:port that others dial; empty: Bind's
	Key       []byte   // 32 bytes that all members share; who lacks them hears and says nothing
	Seeds     []string // host:port of members to join by; none of them needs to live
	Meta      Meta
	Log       *slog.Logger
	// OnChange hears of others. It must not block, nor call the Discovery.
	OnChange func(Change)
}

// member is Discovery by memberlist.
type member struct {
	list     *memberlist.Memberlist
	self     string // name among members: role and name, which are unique in a run
	onChange func(Change)

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
	host, port, err := splitAddr(cfg.Bind)
	if err != nil {
		return nil, err
	}
	g := &member{self: cfg.Meta.Role + "/" + cfg.Meta.Name, onChange: cfg.OnChange}
	if g.meta, err = encodeMeta(cfg.Meta); err != nil {
		return nil, err
	}
	m := memberlist.DefaultLANConfig()
	if net.ParseIP(host).IsLoopback() {
		m = memberlist.DefaultLocalConfig()
	}
	m.Name, m.BindAddr, m.BindPort, m.AdvertisePort = g.self, host, port, port
	if cfg.Advertise != "" {
		if m.AdvertiseAddr, m.AdvertisePort, err = splitAddr(cfg.Advertise); err != nil {
			return nil, err
		}
	}
	m.SecretKey, m.Delegate, m.Events = cfg.Key, g, g
	m.LogOutput = debugLines{cfg.Log.With("part", "gossip")}
	m.TCPTimeout = seedPatience
	if g.list, err = memberlist.Create(m); err != nil {
		return nil, fmt.Errorf("gossip: cannot listen on %s: %w", cfg.Bind, err)
	}
	if len(cfg.Seeds) > 0 {
		if n, err := g.list.Join(cfg.Seeds); n == 0 {
			cfg.Log.Debug("gossip: no seed answers", "seeds", cfg.Seeds, "error", err)
		}
	}
	return g, nil
}

func splitAddr(addr string) (host string, port int, err error) {
	host, text, err := net.SplitHostPort(addr)
	if err == nil {
		port, err = strconv.Atoi(text)
	}
	if err != nil || port < 0 || port > 65535 {
		return "", 0, fmt.Errorf("gossip: address %q: want HOST:PORT", addr)
	}
	if host == "" {
		host = "0.0.0.0"
	}
	return host, port, nil
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
	slices.SortFunc(all, func(a, b Meta) int { return cmp.Or(cmp.Compare(a.Role, b.Role), cmp.Compare(a.Name, b.Name)) })
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

package gossip

import (
	"bytes"
	"log/slog"

	"github.com/hashicorp/memberlist"
)

// NodeMeta is called by memberlist when it tells others of us.
func (g *member) NodeMeta(limit int) []byte {
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(g.meta) > limit {
		return nil
	}
	return g.meta
}

// We send nothing but metadata, so these hooks of memberlist have no work.

func (*member) NotifyMsg([]byte)                {}
func (*member) GetBroadcasts(_, _ int) [][]byte { return nil }
func (*member) LocalState(bool) []byte          { return nil }
func (*member) MergeRemoteState([]byte, bool)   {}

// NotifyJoin, NotifyLeave and NotifyUpdate are called by memberlist, one at a
// time.

func (g *member) NotifyJoin(n *memberlist.Node)   { g.tell("joined", n) }
func (g *member) NotifyUpdate(n *memberlist.Node) { g.tell("updated", n) }
func (g *member) NotifyLeave(n *memberlist.Node)  { g.tell("gone", n) } // left or dead: it does not say

func (g *member) tell(what string, n *memberlist.Node) {
	if g.onChange == nil || n.Name == g.self {
		return
	}
	if m, ok := metaOf(n); ok {
		g.onChange(Change{what, m})
	}
}

// debugLines sends memberlist's log lines to slog, at debug: what matters of
// them arrives as a Change.
type debugLines struct{ log *slog.Logger }

func (d debugLines) Write(p []byte) (int, error) {
	d.log.Debug(string(bytes.TrimSpace(p)))
	return len(p), nil
}

package allreduce

import (
	"net"
	"time"
)

// LinkInfo is what the system measures of the connection to the next worker.
type LinkInfo struct {
	RTT, Deviation time.Duration // of a round trip, smoothed
	Retransmits    int64         // segments sent again since the connection was made
}

// LinkInfo asks the system about the link to the next worker; false where that is no TCP connection, or the system does not
// tell. It may be called beside all else.
func (g *Group) LinkInfo() (LinkInfo, bool) {
	l, ok := g.next.(*netLink)
	if !ok {
		return LinkInfo{}, false
	}
	conn, ok := rawConn(l.conn).(*net.TCPConn)
	if !ok {
		return LinkInfo{}, false
	}
	return tcpInfo(conn)
}

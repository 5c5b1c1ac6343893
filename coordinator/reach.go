package coordinator

import (
	"fmt"
	"net"
	"net/netip"

	"github.com/rondo-ml/rondo/coordinator/api"
)

// unreachable says why a new worker and one of the members could not close a
// ring: one gives a loopback address, and the other is on another host. Empty: all
// may reach each other.
func (s *state) unreachable(h *api.Hello) string {
	for i := range s.Members {
		m := &s.Members[i]
		if !m.live() || h.Network == "" || m.Network == "" || h.Network == m.Network {
			continue
		}
		if onLoopback(h.RingTcp) {
			return fmt.Sprintf("others cannot reach its ring address %s, a loopback address, and %s is on another host; "+
				"give --ring-listen an address of the network, or --ring-advertise HOST:PORT", h.RingTcp, m.Name)
		}
		if onLoopback(m.RingTCP) {
			return fmt.Sprintf("it cannot reach %s on another host, whose ring address %s is a loopback address; "+
				"start %[1]s with another --ring-listen, or with --ring-advertise HOST:PORT", m.Name, m.RingTCP)
		}
	}
	return ""
}

// onLoopback says whether an address (host:port) means every host's own loopback.
func onLoopback(addr string) bool {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return false
	}
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.IsLoopback()
}

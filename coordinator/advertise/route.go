package advertise

import (
	"context"
	"net"
	"net/netip"
	"os"
	"time"
)

// lookupPatience is how long a name server may take.
const lookupPatience = 5 * time.Second

// connectUDP asks the system which way it would send to a peer. It sends nothing.
func connectUDP(ctx context.Context, peer string) (there, here netip.Addr, err error) {
	ctx, cancel := context.WithTimeout(ctx, lookupPatience)
	defer cancel()
	var d net.Dialer
	conn, err := d.DialContext(ctx, "udp", peer)
	if err != nil {
		return there, here, err
	}
	defer conn.Close()
	return ipOf(conn.RemoteAddr()), ipOf(conn.LocalAddr()), nil
}

func ipOf(addr net.Addr) netip.Addr {
	if udp, ok := addr.(*net.UDPAddr); ok {
		return udp.AddrPort().Addr().Unmap()
	}
	return netip.Addr{}
}

// source is the address from which this host sends to a peer (host:port).
func source(ctx context.Context, peer string) (netip.Addr, error) {
	_, here, err := connectUDP(ctx, peer)
	return here, err
}

// ends are the addresses of both ends of the way to a peer, which are one when
// the peer is on this host. Both are invalid when no way is known.
func ends(ctx context.Context, peer string) (there, here netip.Addr) {
	there, here, err := connectUDP(ctx, peer)
	if err != nil {
		return netip.Addr{}, netip.Addr{}
	}
	if there.IsLoopback() {
		there = here
	}
	return there, here
}

// abroad are addresses for examples, which no host has: the way to them is the
// default route.
var abroad = [...]string{"192.0.2.1:9", "[2001:db8::1]:9"}

// own are this host's addresses, best first: of the default routes, of any
// network, and of the loopback.
func own(ctx context.Context) []netip.Addr {
	var routed, network, loopback []netip.Addr
	for _, peer := range abroad {
		if ip, err := source(ctx, peer); err == nil {
			routed = append(routed, ip)
		}
	}
	addrs, err := net.InterfaceAddrs()
	if err != nil {
		return routed
	}
	for _, a := range addrs {
		prefix, ok := a.(*net.IPNet)
		if !ok {
			continue
		}
		ip, _ := netip.AddrFromSlice(prefix.IP)
		switch ip = ip.Unmap(); {
		case ip.IsLoopback():
			loopback = append(loopback, ip)
		case ip.IsGlobalUnicast():
			network = append(network, ip)
		}
	}
	return append(append(routed, network...), loopback...)
}

// hostname stands for a host where nothing better identifies it; empty: unknown.
func hostname() string {
	name, err := os.Hostname()
	if err != nil {
		return ""
	}
	return name
}

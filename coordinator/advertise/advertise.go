package advertise

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"strconv"
)

// Port is a port of this process that others dial.
type Port struct {
	Flag      string   // that gives its address: "--ring-advertise"
	Listening string   // host:port, as the listener tells it
	Given     string   // host:port that the user gave with the flag, or empty. Its port 0 stands for the listener's
	Toward    []string // host:port of processes from which others are reached; the first one that has a route counts
}

// Error says that an address cannot be told to others, and which flag settles it.
type Error struct{ Flag, Text string }

func (e *Error) Error() string { return e.Text + "; give " + e.Flag + " HOST:PORT" }

func (p Port) errorf(format string, args ...any) error {
	return &Error{p.Flag, fmt.Sprintf(format, args...)}
}

// Address is the host:port to tell others. It may look names up, for as long as
// ctx lives. When there is no address that others could dial, the error is an
// *Error.
func (p Port) Address(ctx context.Context) (string, error) {
	host, port, err := net.SplitHostPort(p.Listening)
	if err != nil {
		return "", fmt.Errorf("listening on %q: %w", p.Listening, err)
	}
	if p.Given != "" {
		return p.given(port)
	}
	ip, err := netip.ParseAddr(host)
	switch {
	case err != nil:
		return "", fmt.Errorf("listening on %q: %w", p.Listening, err)
	case ip.IsUnspecified():
		if ip, err = p.route(ctx, ip.Is4()); err != nil {
			return "", err
		}
	case ip.IsLoopback():
		if away := p.away(ctx); away != "" {
			return "", p.errorf("%s can be reached on this host alone, and %s is another host's: listen on an address of the network, or on all with :%s",
				p.Listening, away, port)
		}
	}
	if ip.Zone() != "" {
		return "", p.errorf("%s is an address of one link, which other hosts do not know by this name", ip)
	}
	return net.JoinHostPort(ip.Unmap().String(), port), nil
}

// given is the address that the user gave.
func (p Port) given(listening string) (string, error) {
	host, port, err := net.SplitHostPort(p.Given)
	if err != nil {
		return "", &Error{p.Flag, fmt.Sprintf("%s %q: %v", p.Flag, p.Given, err)}
	}
	if n, err := strconv.ParseUint(port, 10, 16); err != nil {
		return "", p.errorf("%s %q: port %q is no number up to 65535", p.Flag, p.Given, port)
	} else if n == 0 {
		port = listening
	}
	if ip, err := netip.ParseAddr(host); host == "" || err == nil && ip.IsUnspecified() {
		return "", p.errorf("%s %q means every host's own addresses: others would dial themselves", p.Flag, p.Given)
	}
	return net.JoinHostPort(host, port), nil
}

// route is the address from which this host sends to the first of Toward that
// it can send to. To one on this host it sends over the loopback; the address of
// the default route serves this host and others.
func (p Port) route(ctx context.Context, only4 bool) (netip.Addr, error) {
	fits := func(ip netip.Addr) bool { return ip.IsValid() && (!only4 || ip.Unmap().Is4()) }
	for _, peer := range p.Toward {
		ip, err := source(ctx, peer)
		if err != nil {
			continue // whoever needs it will say so
		}
		if ip.IsLoopback() {
			break
		}
		if !fits(ip) {
			return ip, p.errorf("%s listens for IPv4 alone, and this host reaches %s from %s", p.Listening, peer, ip)
		}
		return ip, nil
	}
	for _, ip := range own(ctx) {
		if fits(ip) {
			return ip, nil
		}
	}
	return netip.Addr{}, p.errorf("%s: this host has no address that others could dial", p.Listening)
}

// away is the first of Toward that is on another host; empty: none is known to be.
func (p Port) away(ctx context.Context) string {
	for _, peer := range p.Toward {
		if there, here := ends(ctx, peer); there.IsValid() && there != here {
			return peer
		}
	}
	return ""
}

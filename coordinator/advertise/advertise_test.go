package advertise

import (
	"errors"
	"net"
	"net/netip"
	"strings"
	"testing"
)

func TestAddress(t *testing.T) {
	const away = "198.51.100.7:8781" // no address of ours
	for _, tc := range []struct {
		listening, given, toward string
		want                     string
	}{
		{"10.1.2.3:9001", "", away, "10.1.2.3:9001"},
		{"[fd00::7]:9001", "", away, "[fd00::7]:9001"},
		{"127.0.0.1:9001", "", "127.0.0.1:8781", "127.0.0.1:9001"},
		{"127.0.0.1:9001", "", "localhost:8781", "127.0.0.1:9001"},
		{"127.0.1.1:9001", "", "", "127.0.1.1:9001"},
		{"127.0.0.1:9001", "node.example:0", away, "node.example:9001"},
		{"[::]:9001", "203.0.113.5:19001", away, "203.0.113.5:19001"},
		{"[::]:9001", "127.0.0.1:9001", away, "127.0.0.1:9001"}, // as the user says
	} {
		p := Port{Flag: "--ring-advertise", Listening: tc.listening, Given: tc.given, Toward: []string{tc.toward}}
		if got, err := p.Address(t.Context()); got != tc.want || err != nil {
			t.Errorf("%+v: %q, %v", tc, got, err)
		}
	}
}

// A port that listens everywhere is told by an address that this host has and
// that no other host takes for its own.
func TestAddressOfAll(t *testing.T) {
	for _, listening := range []string{"[::]:9001", "0.0.0.0:9001"} {
		for _, toward := range [][]string{nil, {"127.0.0.1:8781"}, {"nowhere.invalid:8781"}, {"not an address"}} {
			p := Port{Flag: "--ring-advertise", Listening: listening, Toward: toward}
			got, err := p.Address(t.Context())
			if err != nil {
				t.Errorf("%s toward %v: %v", listening, toward, err)
				continue
			}
			addr := netip.MustParseAddrPort(got)
			l, err := net.Listen("tcp", netip.AddrPortFrom(addr.Addr(), 0).String()) // only on an address of this host
			if err != nil {
				t.Errorf("%s toward %v: %s: %v", listening, toward, got, err)
				continue
			}
			l.Close()
			if addr.Port() != 9001 || addr.Addr().IsUnspecified() || addr.Addr().IsLoopback() && !own(t.Context())[0].IsLoopback() {
				t.Errorf("%s toward %v: %s", listening, toward, got)
			}
		}
	}
}

// Toward an address of this host's network the host's own one is told.
func TestAddressToward(t *testing.T) {
	ours := own(t.Context())
	if len(ours) == 0 || ours[0].IsLoopback() {
		t.Skip("this host has no network")
	}
	for _, ip := range ours {
		p := Port{Flag: "--ring-advertise", Listening: "[::]:9001", Toward: []string{netip.AddrPortFrom(ip, 8781).String()}}
		want := netip.AddrPortFrom(ip, 9001).String()
		if ip.IsLoopback() {
			continue
		}
		if got, err := p.Address(t.Context()); got != want || err != nil {
			t.Errorf("toward %s: %q, %v", ip, got, err)
		}
		// A coordinator at this host's own address is no reason against its loopback.
		p.Listening = "127.0.0.1:9001"
		if got, err := p.Address(t.Context()); got != p.Listening || err != nil {
			t.Errorf("on the loopback toward %s: %q, %v", ip, got, err)
		}
	}
}

func TestAddressRefused(t *testing.T) {
	ours := own(t.Context())
	elsewhere := "198.51.100.7:8781"
	if _, err := source(t.Context(), elsewhere); err != nil || ours[0].IsLoopback() {
		t.Skip("this host knows no way to another")
	}
	for _, tc := range []struct{ listening, given, says string }{
		{"127.0.0.1:9001", "", "on this host alone"},
		{"127.0.1.1:9001", "", "127.0.1.1:9001"},
		{"[::1]:9001", "", elsewhere},
		{"[fe80::1%lo]:9001", "", "one link"},
		{"[::]:9001", ":9001", "dial themselves"},
		{"[::]:9001", "0.0.0.0:9001", "dial themselves"},
		{"[::]:9001", "[::]:9001", "dial themselves"},
		{"[::]:9001", "node", "missing port"},
		{"[::]:9001", "node:ring", "no number"},
		{"[::]:9001", "node:70000", "no number"},
	} {
		p := Port{Flag: "--ring-advertise", Listening: tc.listening, Given: tc.given, Toward: []string{elsewhere}}
		got, err := p.Address(t.Context())
		var e *Error
		if !errors.As(err, &e) || !strings.Contains(err.Error(), tc.says) || !strings.Contains(err.Error(), "--ring-advertise HOST:PORT") {
			t.Errorf("%+v: %q, %v", tc, got, err)
		}
	}
}

func TestNetwork(t *testing.T) {
	if a, b := Network(), Network(); a == "" || a != b {
		t.Errorf("this host's network is %q and %q", a, b)
	}
}

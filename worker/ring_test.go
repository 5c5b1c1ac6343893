package worker

import (
	"net"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/rondo-ml/rondo/coordinator/api"
)

// A neighbour is reached by its socket where that is, whatever the hosts are
// called, and by TLS otherwise.
func TestDialAddress(t *testing.T) {
	here := filepath.Join(t.TempDir(), "w1-ABCDEFGH.sock")
	if err := os.WriteFile(here, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	self := &api.Peer{Name: "w0", Host: "node"}
	for _, tc := range []struct {
		unix, tcp         string
		address, fallback string
	}{
		{here, "10.0.0.1:9001", "unix://" + here, "tcp://10.0.0.1:9001"},
		{here, "", "unix://" + here, ""},
		{here + "-of-another-start", "10.0.0.1:9001", "tcp://10.0.0.1:9001", ""},
		{"", "10.0.0.1:9001", "tcp://10.0.0.1:9001", ""},
		{here + "-of-another-start", "", "", ""},
	} {
		for _, host := range []string{"node", "other"} {
			address, fallback, err := dialAddress(self, &api.Peer{Name: "w1", Host: host, RingUnix: tc.unix, RingTcp: tc.tcp})
			if address != tc.address || fallback != tc.fallback || (err == nil) != (tc.address != "") {
				t.Errorf("%+v on %s: %q, %q, %v", tc, host, address, fallback, err)
			}
		}
	}
}

// Of the sockets in a directory those of this worker's name go on which nobody
// listens.
func TestRemoveStale(t *testing.T) {
	dir, err := os.MkdirTemp("", "ring") // a short path
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	listen := func(name string) *net.UnixListener {
		l, err := net.ListenUnix("unix", &net.UnixAddr{Name: filepath.Join(dir, name), Net: "unix"})
		if err != nil {
			t.Fatal(err)
		}
		l.SetUnlinkOnClose(false)
		return l
	}
	live := listen("w1-LIVELIVE.sock")
	defer live.Close()
	for _, dead := range []string{"w1-DEADDEAD.sock", "w10-DEADDEAD.sock", "w1-SHORT.sock", "other.sock"} {
		listen(dead).Close()
	}
	if err := os.WriteFile(filepath.Join(dir, "w1-NOSOCKET.sock"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	removeStale(dir, "w1")
	files, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var left []string
	for _, f := range files {
		left = append(left, f.Name())
	}
	if want := []string{"other.sock", "w1-LIVELIVE.sock", "w1-NOSOCKET.sock", "w1-SHORT.sock", "w10-DEADDEAD.sock"}; !slices.Equal(left, want) {
		t.Errorf("left are %v, want %v", left, want)
	}
}

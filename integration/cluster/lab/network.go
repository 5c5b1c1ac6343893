package lab

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
)

const (
	apiAddress = "10.99.0.1" // of node0; the API server's too
	services   = "10.96.0.0/16"
)

// network lays a bridge with the nodes' addresses. A bridge has a carrier only with
// a port, and kubelet finds the node's address by the default route.
func network() error {
	for _, args := range []string{
		"link set lo up",
		"link add node0 type bridge",
		"link add port0 type veth peer name port1",
		"link set port0 master node0",
		"link set port0 up",
		"link set port1 up",
		"link set node0 up",
		"addr add " + apiAddress + "/24 dev node0",
		"route add default via 10.99.0.254",
	} {
		if err := ip(args); err != nil {
			return err
		}
	}
	return os.WriteFile("/proc/sys/net/ipv4/ip_forward", []byte("1"), 0o644)
}

func ip(args string) error {
	if out, err := exec.Command("ip", strings.Fields(args)...).CombinedOutput(); err != nil {
		return fmt.Errorf("ip %s: %w\n%s", args, err, out)
	}
	return nil
}

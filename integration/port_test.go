package integration

import (
	"fmt"
	"math/rand/v2"
	"net"
	"testing"
)

// freeAddr is an address of the loopback on which nobody listens. Its port is below those that the system chooses from
// for others (32768 and above), so it stays free until a process listens there, and between two that do one after the other.
func freeAddr(t testing.TB) string {
	t.Helper()
	for range 1000 {
		addr := fmt.Sprintf("127.0.0.1:%d", 20000+rand.IntN(12000))
		if port, err := net.Listen("tcp", addr); err == nil {
			port.Close()
			return addr
		}
	}
	t.Fatal("no port is free")
	return ""
}

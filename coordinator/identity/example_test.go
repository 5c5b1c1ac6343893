package identity_test

import (
	"crypto/tls"
	"fmt"
	"log"
	"os"
	"path/filepath"

	"github.com/rondo-ml/rondo/coordinator/identity"
)

// An authority for the processes of one machine, and a connection between two of them.
func Example() {
	dir, err := os.MkdirTemp("", "rondo")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	authority, err := identity.NewAuthority()
	if err != nil {
		log.Fatal(err)
	}
	load := func(name string) *identity.Credentials {
		p, err := authority.Write(filepath.Join(dir, "tls"), name)
		if err != nil {
			log.Fatal(err)
		}
		c, err := identity.Load(p.CA, p.Cert, p.Key)
		if err != nil {
			log.Fatal(err)
		}
		return c
	}

	listener, err := tls.Listen("tcp", "127.0.0.1:0", load("coordinator").Server())
	if err != nil {
		log.Fatal(err)
	}
	defer listener.Close()
	go func() {
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		fmt.Fprint(conn, "welcome")
	}()
	conn, err := tls.Dial("tcp", listener.Addr().String(), load("worker-0").Client())
	if err != nil {
		log.Fatal(err)
	}
	defer conn.Close()
	buf := make([]byte, 7)
	if _, err := conn.Read(buf); err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%s says %s\n", identity.PeerName(conn.ConnectionState()), buf)
	// Output: coordinator says welcome
}

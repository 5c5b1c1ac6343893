package coordinator

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"path"
	"strings"
	"time"
)

// EtcdConfig says which etcd holds the record of a cluster.
type EtcdConfig struct {
	// Endpoints are host:port, https://host:port, http://host:port or
	// unix://path. Empty: the record is elsewhere.
	Endpoints []string
	// TLS is how to speak to it; its ServerName is not used, for the certificate
	// must be of the endpoint's host. nil speaks plain text, which shows the
	// record, the gossip key included, to whoever sees the network.
	TLS *tls.Config
	// Wait is how long to go on trying when it cannot be reached at first, as where both
	// are started together.
	Wait time.Duration
	// User and Password are for an etcd that asks for them; an empty User: none.
	User, Password string
}

// Validate says what is impossible.
func (c *EtcdConfig) Validate() error {
	for _, text := range c.Endpoints {
		e, err := parseEndpoint(text)
		switch {
		case err != nil:
			return fmt.Errorf("--etcd: %w", err)
		case e.scheme == "http" && c.TLS != nil:
			return fmt.Errorf("--etcd %s says plain text, and --etcd-tls says TLS: write https://%s, or give --etcd-tls=false", text, e.addr)
		case e.scheme == "https" && c.TLS == nil:
			return fmt.Errorf("--etcd %s says TLS, and --etcd-tls=false says plain text: leave out one of them", text)
		}
	}
	if (c.User == "") != (c.Password == "") {
		return errors.New("--etcd-user and --etcd-password-file go together")
	}
	return nil
}

// endpoint is an etcd's address taken apart.
type endpoint struct {
	text          string // as it was given
	scheme        string // http, https, unix, or empty
	network, addr string // as net.Dial takes them
}

func parseEndpoint(text string) (endpoint, error) {
	e := endpoint{text: text, network: "tcp", addr: text}
	if text == "" {
		return e, errors.New("an endpoint is empty")
	}
	if scheme, rest, ok := strings.Cut(text, "://"); ok {
		e.scheme, e.addr = scheme, rest
	}
	switch e.scheme {
	case "unix":
		e.network = "unix"
		return e, nil
	case "", "http", "https":
	default:
		return e, fmt.Errorf("%s: the scheme %s is not known: want HOST:PORT, https://HOST:PORT or http://HOST:PORT", text, e.scheme)
	}
	host, port, err := net.SplitHostPort(e.addr)
	if err != nil || host == "" || port == "" {
		return e, fmt.Errorf("%s: want HOST:PORT (etcd's usual port is 2379)", text)
	}
	return e, nil
}

// host is the name that a certificate is to be of.
func (e *endpoint) host() string {
	host, _, err := net.SplitHostPort(e.addr)
	if err != nil { // a socket
		return path.Base(e.addr)
	}
	return host
}

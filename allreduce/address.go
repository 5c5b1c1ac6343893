package allreduce

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

type linkOptions struct {
	maxPayload int
	handshake  time.Duration
	log        *slog.Logger
	alone      bool // shares no memory
	patience   time.Duration
	fallback   string // address
	check      func(state tls.ConnectionState, name string) error
	linked     func(next bool)
}

func linkOptionsOf(opts []LinkOption) linkOptions {
	o := linkOptions{maxPayload: DefaultMaxPayload, handshake: 10 * time.Second, patience: time.Minute, log: slog.New(slog.DiscardHandler)}
	for _, f := range opts {
		f(&o)
	}
	return o
}

// WithMaxPayload bounds the payload of a frame in bytes: the largest bucket's
// largest chunk, and the longest broadcast. Longer is refused unread.
func WithMaxPayload(bytes int) LinkOption { return func(o *linkOptions) { o.maxPayload = bytes } }

// WithHandshakeTimeout bounds the time that a peer may take for TLS and its hello,
// and then for each message more. The default is 10 s; shorter finds a silent peer
// sooner, longer bears a busier one.
func WithHandshakeTimeout(d time.Duration) LinkOption {
	return func(o *linkOptions) { o.handshake = d }
}

// WithLogger receives a line for every connection that is refused.
func WithLogger(log *slog.Logger) LinkOption { return func(o *linkOptions) { o.log = log } }

// WithoutSharedMemory sends every payload through the socket, also to a worker on
// the same host. Either end may say so.
func WithoutSharedMemory() LinkOption { return func(o *linkOptions) { o.alone = true } }

// WithDialPatience bounds the time for which Dial tries again while nobody
// answers. The default is a minute; a worker that is there takes the connection
// at once, however busy it is.
func WithDialPatience(d time.Duration) LinkOption { return func(o *linkOptions) { o.patience = d } }

// WithLinked has Connect call f when the link to the next worker is made, and when the one
// from the previous is. Both calls may come at once.
func WithLinked(f func(next bool)) LinkOption { return func(o *linkOptions) { o.linked = f } }

// WithFallback has Dial turn to another address when nobody listens at the first.
// A socket's path may be in a directory of another host.
func WithFallback(address string) LinkOption { return func(o *linkOptions) { o.fallback = address } }

// WithCertificateCheck has both ends ask check, before they agree, whether the
// other's certificate allows it to be the worker of a name. The dialler of one that is refused
// is told the error.
func WithCertificateCheck(check func(state tls.ConnectionState, name string) error) LinkOption {
	return func(o *linkOptions) { o.check = check }
}

// parseAddress cuts "unix:///path" or "tcp://host:port".
func parseAddress(address string) (network, rest string, err error) {
	network, rest, ok := strings.Cut(address, "://")
	if !ok || rest == "" || network != "unix" && network != "tcp" {
		return "", "", fmt.Errorf("address %q: want unix:///path or tcp://host:port", address)
	}
	return network, rest, nil
}

// listenOn opens one address.
func listenOn(ctx context.Context, address string, config *tls.Config) (net.Listener, error) {
	network, rest, err := parseAddress(address)
	if err != nil {
		return nil, err
	}
	if network == "unix" {
		return listenUnix(ctx, rest)
	}
	if config == nil || config.ClientAuth != tls.RequireAndVerifyClientCert {
		return nil, fmt.Errorf("address %q: TCP needs a TLS configuration that requires and verifies the client's certificate", address)
	}
	var lc net.ListenConfig
	inner, err := lc.Listen(ctx, "tcp", rest)
	if err != nil {
		return nil, fmt.Errorf("address %q: %w", address, err)
	}
	return inner, nil
}

// maxSocketPath is what the kernels we know allow for the path of a socket.
const maxSocketPath = 103

// listenUnix opens a socket that only this user can reach: its directory is
// made or must be closed to all others, so that no moment is left between the
// socket's creation and the setting of its own mode.
func listenUnix(ctx context.Context, path string) (net.Listener, error) {
	if len(path) > maxSocketPath {
		return nil, fmt.Errorf("socket %s: the path is %d bytes long, want at most %d: choose a shorter directory", path, len(path), maxSocketPath)
	}
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("socket %s: %w", path, err)
	}
	info, err := os.Stat(dir)
	if err != nil {
		return nil, fmt.Errorf("socket %s: %w", path, err)
	}
	if info.Mode().Perm()&0o077 != 0 {
		return nil, fmt.Errorf("socket %s: directory %s has mode %04o and others may enter: chmod 0700 it", path, dir, info.Mode().Perm())
	}
	if err := removeStale(ctx, path); err != nil {
		return nil, err
	}
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "unix", path)
	if err != nil {
		return nil, fmt.Errorf("socket %s: %w", path, err)
	}
	if err := os.Chmod(path, 0o600); err != nil {
		l.Close()
		return nil, fmt.Errorf("socket %s: %w", path, err)
	}
	return l, nil
}

// removeStale removes the socket that a process left behind when it was killed.
func removeStale(ctx context.Context, path string) error {
	info, err := os.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("socket %s: %w", path, err)
	}
	if info.Mode()&fs.ModeSocket == 0 {
		return fmt.Errorf("socket %s: a file that is no socket is in the way", path)
	}
	var d net.Dialer
	conn, err := d.DialContext(ctx, "unix", path)
	if err == nil {
		conn.Close()
		return fmt.Errorf("socket %s: another process listens on it", path)
	}
	if !errors.Is(err, syscall.ECONNREFUSED) {
		return fmt.Errorf("socket %s: %w", path, err)
	}
	return os.Remove(path)
}

package allreduce

import (
	"crypto/tls"
	"errors"
	"fmt"
	"hash/crc32"
	"math"
	"net"
	"sync"
)

const (
	// directSize is the payload from which on a copy costs more than a second
	// entry in the list of a vectored write.
	directSize = 8 << 10
	// writeSize is how many bytes of small frames are collected before a write.
	writeSize = 64 << 10
	// readSize is the reader's buffer: a header or a few, and small payloads. The
	// rest of a longer payload is read straight into its place.
	readSize = 1 << 10
	// DefaultMaxPayload is the longest payload that a link receives, in bytes,
	// unless [WithMaxPayload] says otherwise.
	DefaultMaxPayload = 256 << 20
)

// netLink sends frames over a stream connection.
type netLink struct {
	conn net.Conn
	peer string

	sending sync.Mutex // two senders would mix their frames
	out     []byte     // headers and small payloads not written yet
	burst   *burstConn // beneath TLS, or nil
	socket  *socket    // of a socket without TLS, or nil
	rest    [2][]byte  // what a call of trySend has not written
	pieces  net.Buffers
	failed  error // of trySend

	in     source
	summed bool       // payloads carry a sum
	shared *sharedOut // memory for payloads, or nil
}

// NewNetLink makes a link of a connection on which both sides have agreed who
// they are, as [Dial] and [Listener.Accept] see to. A payload longer than
// maxPayload bytes is refused before memory is taken for it.
func NewNetLink(conn net.Conn, peer string, maxPayload int) Link {
	return newNetLink(conn, peer, maxPayload)
}

func newNetLink(conn net.Conn, peer string, maxPayload int) *netLink {
	_, secured := conn.(*tls.Conn)
	l := &netLink{conn: conn, peer: peer, summed: !secured, burst: burstOf(conn), out: make([]byte, 0, writeSize)}
	if !secured {
		l.socket = socketOf(conn)
	}
	l.in = source{from: conn, socket: l.socket, limit: maxPayload, summed: !secured}
	return l
}

func (l *netLink) Peer() string { return l.peer }

// Send collects small frames while f.More says that another follows, and hands
// the connection large payloads from where they lie.
func (l *netLink) Send(f *Frame) error {
	l.sending.Lock()
	defer l.sending.Unlock()
	if f.begun {
		return l.finish()
	}
	if err := l.finish(); err != nil { // of a frame that was given up
		return err
	}
	payload, more, err := l.collect(f)
	if err != nil || more {
		return err
	}
	return l.flush(payload)
}

// trySend is Send as far as that goes without waiting. If it says no, the
// frame's turn in Send comes before any other's.
func (l *netLink) trySend(f *Frame) bool {
	l.sending.Lock()
	defer l.sending.Unlock()
	if l.socket == nil && (l.burst == nil || l.burst.socket == nil) {
		return false
	}
	payload, more, err := l.collect(f)
	if err == nil && more {
		return true
	}
	if err == nil {
		err = l.tryFlush(payload)
	}
	l.failed = err
	f.begun = err != nil || l.unfinished()
	return !f.begun
}

// collect puts what is small of a frame to what is to be written, and returns
// what is large. more says that the write can wait.
func (l *netLink) collect(f *Frame) (payload []byte, more bool, err error) {
	if int64(len(f.Payload)) > math.MaxUint32 {
		return nil, false, fieldError("length", "%d bytes are too many for one frame: use more buckets", len(f.Payload))
	}
	payload = f.Payload
	if !littleEndian {
		swapOrder(payload, f.Kind.width())
		f.summed = false
	}
	sum := uint32(0)
	if l.summed && f.place == 0 {
		if sum = f.sum; !f.summed {
			sum = crc32.Checksum(payload, castagnoli)
		}
	}
	l.out = f.appendHeader(l.out, sum)
	if f.place != 0 {
		payload = nil // it is there
	} else if len(payload) < directSize {
		l.out = append(l.out, payload...)
		payload = nil
	}
	return payload, len(payload) == 0 && f.More && len(l.out) < writeSize-headerSize-directSize, nil
}

// flush writes what was collected and then a payload.
func (l *netLink) flush(payload []byte) error {
	if l.burst != nil {
		err := l.records(payload, holdBursts)
		return errors.Join(err, l.burst.flush())
	}
	l.rest = [2][]byte{l.out, payload}
	return l.finish()
}

// tryFlush is flush as far as that goes without waiting.
func (l *netLink) tryFlush(payload []byte) error {
	if l.burst != nil {
		err := l.records(payload, holdAll)
		return errors.Join(err, l.burst.tryFlush())
	}
	n, err := l.socket.write(l.out, payload)
	head := min(n, len(l.out))
	l.rest = [2][]byte{l.out[head:], payload[n-head:]}
	if !l.unfinished() {
		l.out = l.out[:0]
	}
	return err
}

func (l *netLink) unfinished() bool {
	return len(l.rest[0])+len(l.rest[1]) > 0 || l.burst.unfinished()
}

// finish writes what is left over.
func (l *netLink) finish() error {
	if l.failed != nil {
		return l.failed
	}
	if !l.unfinished() {
		return nil
	}
	if l.burst != nil {
		return l.burst.flush()
	}
	l.pieces = l.rest[:]
	if len(l.rest[1]) == 0 {
		l.pieces = l.rest[:1]
	}
	_, err := l.pieces.WriteTo(l.conn)
	l.out, l.rest, l.pieces = l.out[:0], [2][]byte{}, nil
	return err
}

// records makes TLS records of what was collected and a payload.
func (l *netLink) records(payload []byte, how holding) error {
	l.burst.hold(how)
	_, err := l.conn.Write(l.out)
	if err == nil && len(payload) > 0 {
		_, err = l.conn.Write(payload)
	}
	l.out = l.out[:0]
	return err
}

func (l *netLink) Recv(f *Frame) error {
	return l.in.read(f)
}

func (l *netLink) came() int64 { return l.in.came.Load() }

func (l *netLink) sums() bool { return l.summed }

func (l *netLink) leaveChecks() { l.in.lazy = littleEndian }

func (l *netLink) lend(bytes int) (Frame, bool) { return l.shared.lend(bytes) }

// Close ends the connection at once. A TLS farewell, which could block, is left
// out: groups say farewell with a frame.
func (l *netLink) Close() error {
	return rawConn(l.conn).Close()
}

// rawConn is the connection beneath TLS.
func rawConn(c net.Conn) net.Conn {
	if b := burstOf(c); b != nil {
		return b.Conn
	}
	if t, ok := c.(interface{ NetConn() net.Conn }); ok {
		return t.NetConn()
	}
	return c
}

// isFar says that a link leads to another host.
func isFar(link Link) bool {
	l, ok := link.(*netLink)
	if !ok {
		return false
	}
	addr, ok := l.conn.RemoteAddr().(*net.TCPAddr)
	return ok && !addr.IP.IsLoopback()
}

// LinkOption sets a property of the links that a listener or Dial makes.
type LinkOption func(*linkOptions)

func (o linkOptions) link(conn net.Conn, h Hello, address string) *netLink {
	name := address
	if h.Name != "" {
		name = fmt.Sprintf("%s at %s", h.Name, address)
	}
	return newNetLink(conn, name, o.maxPayload)
}

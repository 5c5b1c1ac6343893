package allreduce

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
)

// Hello is what both ends of a connection tell each other first. The ends must
// agree on everything but Name, which is the speaker's own.
type Hello struct {
	Run        string // which run
	Config     string // hash of everything that decides bits
	Generation uint64 // of the view
	From, To   int    // workers' numbers in the view
	Name       string // of the worker that speaks

	// Names are those of all workers of the view, in its order: the other end must
	// have its own. It is not sent. Nil admits any name.
	Names []string
}

// reply is the hello that the other end must send.
func (h Hello) reply() Hello {
	h.From, h.To = h.To, h.From
	return h
}

// check refuses a hello that is not the one wanted, and names the field.
func (h Hello) check(want Hello) error {
	switch {
	case h.Run != want.Run:
		return fieldError("run id", "%q, want %q", h.Run, want.Run)
	case h.Generation < want.Generation:
		return fieldError("generation", "%d is over; the ring is at %d", h.Generation, want.Generation)
	case h.Generation != want.Generation:
		return fieldError("generation", "%d, want %d", h.Generation, want.Generation)
	case h.Config != want.Config:
		return fieldError("config hash", "%q, want %q: the workers were started with different run files or releases", h.Config, want.Config)
	case h.From == want.To && h.To != want.To:
		return itselfError(h)
	case h.To != want.To:
		return fieldError("to worker", "%d, but this is worker %d", h.To, want.To)
	case h.From != want.From:
		return fieldError("from worker", "%d, want %d", h.From, want.From)
	case h.From < len(want.Names) && h.Name != want.Names[h.From]:
		return fieldError("name", "%q, but worker %d of the view is %q", printable(h.Name), h.From, want.Names[h.From])
	}
	return nil
}

// itselfError is for a worker whose hello came back to it.
func itselfError(h Hello) error {
	return fieldError("from worker", "worker %d, %s, has dialled itself: the address of its neighbour leads back to it; "+
		"give the neighbour --ring-advertise HOST:PORT", h.From, printable(h.Name))
}

// tooLate says why a hello is refused at a worker that has said mine to another.
func (h Hello) tooLate(mine Hello) error {
	if h.Run == mine.Run && h.Generation == mine.Generation && h.From == mine.From {
		return itselfError(h)
	}
	return fieldError("generation", "%d is over or has its link; the ring is at %d", h.Generation, mine.Generation)
}

// A handshake is three messages: the dialler's hello, the listener's hello (or
// its refusal), the dialler's confirmation. The last lets the listener pass over
// a dialler that gave up while it waited. Over a unix socket the listener passes
// memory to share along with its hello (see shared.go); whether the dialler uses
// it is the dialler's affair.
//
// A message on the wire, little endian: magic "RNDH", version uint8, kind uint8,
// length of the body uint16, body, CRC-32C of all before uint32.
const (
	helloMagic   = "RNDH"
	helloVersion = 3
	helloMaxBody = 2048
	helloMaxText = 512
)

const (
	messageHello byte = iota + 1
	messageRefusal
	messageConfirm
)

func appendText(b []byte, s string) []byte {
	s = s[:min(len(s), helloMaxText)]
	b = binary.LittleEndian.AppendUint16(b, uint16(len(s)))
	return append(b, s...)
}

func cutText(b []byte) (string, []byte, bool) {
	if len(b) < 2 {
		return "", nil, false
	}
	n := int(binary.LittleEndian.Uint16(b))
	if n > min(len(b)-2, helloMaxText) {
		return "", nil, false
	}
	return string(b[2 : 2+n]), b[2+n:], true
}

func (h Hello) encode() []byte {
	b := binary.LittleEndian.AppendUint64(nil, h.Generation)
	b = binary.LittleEndian.AppendUint32(b, uint32(h.From))
	b = binary.LittleEndian.AppendUint32(b, uint32(h.To))
	return appendText(appendText(appendText(b, h.Run), h.Config), h.Name)
}

func decodeHello(b []byte) (h Hello, err error) {
	if len(b) < 16 {
		return h, fieldError("hello", "%d bytes are too few", len(b))
	}
	h.Generation = binary.LittleEndian.Uint64(b)
	h.From = int(binary.LittleEndian.Uint32(b[8:]))
	h.To = int(binary.LittleEndian.Uint32(b[12:]))
	b = b[16:]
	for _, text := range []*string{&h.Run, &h.Config, &h.Name} {
		var ok bool
		if *text, b, ok = cutText(b); !ok {
			return h, fieldError("hello", "a text is longer than the message, or than %d bytes", helloMaxText)
		}
	}
	if len(b) != 0 {
		return h, fieldError("hello", "%d bytes too many", len(b))
	}
	return h, nil
}

func encodeMessage(kind byte, body []byte) []byte {
	b := append([]byte(helloMagic), helloVersion, kind)
	b = binary.LittleEndian.AppendUint16(b, uint16(len(body)))
	b = append(b, body...)
	return binary.LittleEndian.AppendUint32(b, crc32.Checksum(b, castagnoli))
}

func writeMessage(w io.Writer, kind byte, body []byte) error {
	_, err := w.Write(encodeMessage(kind, body))
	return err
}

func readMessage(r io.Reader) (kind byte, body []byte, err error) {
	head := make([]byte, 8, 8+helloMaxBody+4)
	if _, err := io.ReadFull(r, head); err != nil {
		return 0, nil, err
	}
	if string(head[:4]) != helloMagic {
		return 0, nil, fieldError("magic", "%q, want %q: the other side is no worker", head[:4], helloMagic)
	}
	if head[4] != helloVersion {
		return 0, nil, fieldError("protocol version", "%d, want %d: run the same release on all workers", head[4], helloVersion)
	}
	n := int(binary.LittleEndian.Uint16(head[6:]))
	if n > helloMaxBody {
		return 0, nil, fieldError("length", "%d bytes of hello, want at most %d", n, helloMaxBody)
	}
	all := head[:8+n+4]
	if _, err := io.ReadFull(r, all[8:]); err != nil {
		return 0, nil, err
	}
	if got, want := crc32.Checksum(all[:8+n], castagnoli), binary.LittleEndian.Uint32(all[8+n:]); got != want {
		return 0, nil, fieldError("checksum", "%08x, want %08x: the hello changed on its way", got, want)
	}
	return all[5], all[8 : 8+n], nil
}

// RefusedError is the other end's reason to end a handshake. Dialling again
// will not help.
type RefusedError struct{ Field, Text string }

func (e *RefusedError) Error() string { return "refused: " + e.Field + ": " + e.Text }

// Unwrap lets a refused field be found as any other.
func (e *RefusedError) Unwrap() error { return &FieldError{Field: e.Field, Text: e.Text} }

// refuse tells the other end why the handshake is over.
func refuse(w io.Writer, reason error) {
	f := &FieldError{Field: "hello", Text: reason.Error()}
	errors.As(reason, &f)
	_ = writeMessage(w, messageRefusal, appendText(appendText(nil, f.Field), f.Text))
}

// readHello reads the other end's hello.
func readHello(r io.Reader) (Hello, error) {
	kind, body, err := readMessage(r)
	if err != nil {
		return Hello{}, err
	}
	switch kind {
	case messageHello:
		return decodeHello(body)
	case messageRefusal:
		field, rest, ok := cutText(body)
		text, _, ok2 := cutText(rest)
		if !ok || !ok2 {
			return Hello{}, fieldError("refusal", "cut short or too long")
		}
		return Hello{}, &RefusedError{Field: printable(field), Text: printable(text)}
	}
	return Hello{}, fieldError("kind", "message %d where a hello should be", kind)
}

// greet is the dialler's half of the handshake. verify looks at the listener's hello.
func greet(conn io.ReadWriter, hello Hello, verify func(Hello) error) (Hello, error) {
	if err := writeMessage(conn, messageHello, hello.encode()); err != nil {
		return Hello{}, err
	}
	theirs, err := readHello(conn)
	if err != nil {
		return Hello{}, err
	}
	if err := theirs.check(hello.reply()); err != nil {
		return Hello{}, err
	}
	if err := verify(theirs); err != nil {
		return Hello{}, err
	}
	return theirs, writeMessage(conn, messageConfirm, nil)
}

// answer is the listener's half once a hello was found good. write sends its hello.
func answer(conn io.Reader, mine Hello, write func(message []byte) error) error {
	if err := write(encodeMessage(messageHello, mine.encode())); err != nil {
		return err
	}
	kind, _, err := readMessage(conn)
	if err == nil && kind != messageConfirm {
		err = fmt.Errorf("message %d where a confirmation should be", kind)
	}
	return err
}

package enrol

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// Protocol is what a TLS handshake asks for (ALPN).
const Protocol = "rondo-join/1"

// Bounds of what the other side sends.
const (
	maxLine    = 16 << 10
	nonceBytes = 32
)

// hello is the first line of a worker.
type hello struct {
	Token string `json:"token,omitempty"` // its ID
	Nonce []byte `json:"nonce,omitempty"`
	Name  string `json:"name,omitempty"`
	Renew []byte `json:"renew,omitempty"` // a request for a certificate like the one that was shown; no token then
}

// answer is the coordinator's.
type answer struct {
	Nonce     []byte `json:"nonce,omitempty"`
	Authority []byte `json:"authority,omitempty"` // PEM
	Proof     []byte `json:"proof,omitempty"`
	refusal
}

// request is the second line of a worker.
type request struct {
	Proof   []byte `json:"proof"`
	Request []byte `json:"request"`
}

// grant is the last line.
type grant struct {
	Certificate []byte `json:"certificate,omitempty"` // PEM
	Authority   []byte `json:"authority,omitempty"`   // PEM
	refusal
}

// refusal says why there is no more.
type refusal struct {
	Refused string `json:"refused,omitempty"`
	Later   bool   `json:"later,omitempty"` // the reason passes
}

// lines are the messages of one connection.
type lines struct {
	in  *bufio.Reader
	out io.Writer
}

func linesOf(conn io.ReadWriter) *lines { return &lines{bufio.NewReaderSize(conn, maxLine), conn} }

// errLong is a line without an end.
var errLong = fmt.Errorf("a line of more than %d bytes", maxLine)

func (l *lines) receive(into any) error {
	line, err := l.in.ReadSlice('\n')
	switch {
	case errors.Is(err, bufio.ErrBufferFull):
		return errLong
	case errors.Is(err, io.EOF) && len(line) > 0:
		return io.ErrUnexpectedEOF
	case err != nil:
		return err
	}
	if err := json.Unmarshal(line, into); err != nil {
		return fmt.Errorf("a line that is not what was expected: %w", err)
	}
	return nil
}

func (l *lines) send(m any) error {
	text, err := json.Marshal(m)
	if err != nil {
		return err
	}
	_, err = l.out.Write(append(text, '\n'))
	return err
}

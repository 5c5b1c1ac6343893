package allreduce

import (
	"net"
	"testing"
	"time"
)

// The system tells of a TCP connection, and of nothing else.
func TestLinkInfo(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	here, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer here.Close()
	there, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer there.Close()
	g := &Group{next: newNetLink(here, "peer", 1<<20)}
	if _, err := here.Write([]byte("ping")); err != nil {
		t.Fatal(err)
	}
	if _, err := there.Read(make([]byte, 4)); err != nil {
		t.Fatal(err)
	}
	if info, told := g.LinkInfo(); !told || info.RTT <= 0 || info.RTT > time.Minute || info.Retransmits < 0 {
		t.Errorf("%+v, %v", info, told)
	}
	here.Close()
	if _, told := g.LinkInfo(); told {
		t.Error("told of a connection that is closed")
	}
	pipe, other := net.Pipe()
	defer pipe.Close()
	defer other.Close()
	for _, next := range []Link{nil, newNetLink(pipe, "peer", 1<<20)} {
		if info, told := (&Group{next: next}).LinkInfo(); told {
			t.Errorf("told %+v of what is no TCP connection", info)
		}
	}
}

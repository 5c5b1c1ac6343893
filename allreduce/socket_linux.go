package allreduce

import (
	"io"
	"net"
	"os"
	"syscall"
	"unsafe"
)

// socket moves two pieces of memory in one call of the system. One goroutine may
// call write and another read at the same time.
type socket struct {
	raw     syscall.RawConn
	out, in transfer
}

// transfer is what one direction's call of the system gets and gives. It lives
// as long as the connection, so that a call allocates nothing.
type transfer struct {
	pieces [2]syscall.Iovec
	count  int
	size   int // of all pieces
	n      int
	err    error
	do     func(fd uintptr) bool
}

// socketOf is nil for a connection that is no socket.
func socketOf(conn net.Conn) *socket {
	c, ok := conn.(syscall.Conn)
	if !ok {
		return nil
	}
	raw, err := c.SyscallConn()
	if err != nil {
		return nil
	}
	s := &socket{raw: raw}
	s.out.do = func(fd uintptr) bool { s.out.call(syscall.SYS_WRITEV, fd); return true }
	s.in.do = func(fd uintptr) bool { s.in.call(syscall.SYS_READV, fd); return s.in.err != syscall.EAGAIN }
	return s
}

// write writes as much of a and b as the system takes without waiting.
func (s *socket) write(a, b []byte) (int, error) {
	s.out.set(a, b)
	if err := s.raw.Write(s.out.do); err != nil {
		return 0, err
	}
	return s.out.result("writev")
}

// read waits until there is something to read, and fills a and then b with what
// is there, which may be less. a or b must have room.
func (s *socket) read(a, b []byte) (int, error) {
	s.in.set(a, b)
	if err := s.raw.Read(s.in.do); err != nil {
		return 0, err
	}
	n, err := s.in.result("readv")
	if n == 0 && err == nil {
		err = io.EOF
	}
	return n, err
}

// callSize is how many bytes of a piece one call moves at most.
const callSize = 1 << 20

func (t *transfer) set(a, b []byte) {
	t.count, t.size = 0, 0
	for _, p := range [2][]byte{a, b} {
		n := min(len(p), callSize)
		if n > 0 {
			t.pieces[t.count].Base = unsafe.SliceData(p)
			t.pieces[t.count].SetLen(n)
			t.count++
			t.size += n
		}
		if n < len(p) {
			return // what follows it is for another call
		}
	}
}

// quietSize is how many bytes a write has of which the scheduler is not told.
const quietSize = 16 << 10

// call does not wait, and takes no longer than a large fold: the scheduler is not
// told. Otherwise its monitor finds the goroutine in the system, looks again every
// 20 µs and starts threads for others, which costs more than the call. A small
// write is told: one that goes round alone is answered sooner when the monitor
// keeps the processor awake.
func (t *transfer) call(number, fd uintptr) {
	for {
		var n uintptr
		var errno syscall.Errno
		if number == syscall.SYS_WRITEV && t.size < quietSize {
			n, _, errno = syscall.Syscall(number, fd, uintptr(unsafe.Pointer(&t.pieces[0])), uintptr(t.count))
		} else {
			n, _, errno = syscall.RawSyscall(number, fd, uintptr(unsafe.Pointer(&t.pieces[0])), uintptr(t.count))
		}
		switch errno {
		case syscall.EINTR:
			continue
		case 0:
			t.n, t.err = int(n), nil
		default:
			t.n, t.err = 0, errno
		}
		return
	}
}

func (t *transfer) result(name string) (int, error) {
	t.pieces = [2]syscall.Iovec{}
	if t.err == syscall.EAGAIN {
		return 0, nil
	}
	return t.n, os.NewSyscallError(name, t.err)
}

package allreduce

import (
	"errors"
	"fmt"
	"net"
	"runtime"

	"golang.org/x/sys/unix"
)

// seals make it sure that a region keeps its size: to touch memory beyond the
// end of a file that another process has cut would end this process.
const seals = unix.F_SEAL_SHRINK | unix.F_SEAL_GROW | unix.F_SEAL_SEAL

// makeRegion makes memory to share. It is in no directory: only who gets the
// descriptor can reach it.
func makeRegion() (fd int, r *region, err error) {
	fd, err = unix.MemfdCreate("rondo-ring", unix.MFD_CLOEXEC|unix.MFD_ALLOW_SEALING)
	if err != nil {
		return -1, nil, err
	}
	const size = sharedHead + sharedSize
	if err = unix.Fallocate(fd, 0, 0, size); err == nil { // all of it now, not a fault later
		_, err = unix.FcntlInt(uintptr(fd), unix.F_ADD_SEALS, seals)
	}
	if err == nil {
		r, err = mapRegion(fd)
	}
	if err != nil {
		unix.Close(fd)
		return -1, nil, err
	}
	return fd, r, nil
}

// openRegion maps memory that the neighbour made.
func openRegion(fd int) (*region, error) {
	if have, err := unix.FcntlInt(uintptr(fd), unix.F_GET_SEALS, 0); err != nil {
		return nil, fmt.Errorf("what was passed is no memory: %w", err)
	} else if have&seals != seals {
		return nil, fmt.Errorf("the memory can still be cut: seals %x, want %x", have, seals)
	}
	var info unix.Stat_t
	if err := unix.Fstat(fd, &info); err != nil {
		return nil, err
	}
	if info.Size != sharedHead+sharedSize {
		return nil, fmt.Errorf("%d bytes of memory, want %d", info.Size, sharedHead+sharedSize)
	}
	return mapRegion(fd)
}

func mapRegion(fd int) (*region, error) {
	all, err := unix.Mmap(fd, 0, sharedHead+sharedSize, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED|unix.MAP_POPULATE)
	if err != nil {
		return nil, err
	}
	r := newRegion(all)
	runtime.AddCleanup(r, func(all []byte) { _ = unix.Munmap(all) }, all)
	return r, nil
}

// handOver writes a message and passes a descriptor with it.
func handOver(conn *net.UnixConn, message []byte, fd int) error {
	n, _, err := conn.WriteMsgUnix(message, unix.UnixRights(fd), nil)
	if err == nil && n < len(message) {
		_, err = conn.Write(message[n:])
	}
	return err
}

// receiver reads from a socket and keeps the descriptor that comes with the bytes.
type receiver struct {
	*net.UnixConn
	fd int // −1: none came
}

func (r *receiver) Read(b []byte) (int, error) {
	oob := make([]byte, unix.CmsgSpace(4))
	n, oobn, flags, _, err := r.ReadMsgUnix(b, oob)
	messages, bad := unix.ParseSocketControlMessage(oob[:oobn])
	for _, m := range messages {
		fds, _ := unix.ParseUnixRights(&m)
		for _, fd := range fds {
			r.drop()
			r.fd = fd
		}
	}
	if err == nil && (bad != nil || flags&unix.MSG_CTRUNC != 0) {
		err = errors.New("more descriptors were passed than the one that is wanted")
	}
	return n, err
}

func (r *receiver) drop() {
	if r.fd >= 0 {
		unix.Close(r.fd)
	}
	r.fd = -1
}

func closeDescriptor(fd int) { unix.Close(fd) }

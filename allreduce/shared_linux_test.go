package allreduce

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// Memory that another process can still cut, or that is none, is not mapped.
func TestOpenRegionRefuses(t *testing.T) {
	memory := func(size int64, seal int) int {
		fd, err := unix.MemfdCreate("test", unix.MFD_CLOEXEC|unix.MFD_ALLOW_SEALING)
		if err == nil {
			err = unix.Ftruncate(fd, size)
		}
		if err == nil && seal != 0 {
			_, err = unix.FcntlInt(uintptr(fd), unix.F_ADD_SEALS, seal)
		}
		if err != nil {
			t.Fatal(err)
		}
		return fd
	}
	pipe := make([]int, 2)
	if err := unix.Pipe2(pipe, unix.O_CLOEXEC); err != nil {
		t.Fatal(err)
	}
	defer unix.Close(pipe[1])
	for _, tc := range []struct {
		fd   int
		says string
	}{
		{memory(sharedHead+sharedSize, 0), "can still be cut"},
		{memory(sharedHead+sharedSize, unix.F_SEAL_GROW|unix.F_SEAL_SEAL), "can still be cut"},
		{memory(sharedHead, seals), "want"},
		{pipe[0], "no memory"},
	} {
		if _, err := openRegion(tc.fd); err == nil || !strings.Contains(err.Error(), tc.says) {
			t.Errorf("error %v, want one that says %q", err, tc.says)
		}
		unix.Close(tc.fd)
	}
}

// A neighbour that passes a heap of descriptors is refused, and none stays open.
func TestReceiverDropsDescriptors(t *testing.T) {
	a, b := socketPair(t)
	ends := make([]int, 2)
	if err := unix.Pipe2(ends, unix.O_CLOEXEC); err != nil {
		t.Fatal(err)
	}
	read := os.NewFile(uintptr(ends[0]), "pipe")
	defer read.Close()
	fds := make([]int, 20)
	for i := range fds {
		fds[i] = ends[1]
	}
	_, _, err := a.(*net.UnixConn).WriteMsgUnix([]byte("hello"), unix.UnixRights(fds...), nil)
	unix.Close(ends[1])
	if err != nil {
		t.Fatal(err)
	}
	r := &receiver{UnixConn: b.(*net.UnixConn), fd: -1}
	if _, err := r.Read(make([]byte, 64)); err == nil {
		t.Error("taken")
	}
	r.drop()
	if _, err := read.Read(make([]byte, 1)); err != io.EOF { // where one of those who can write is left, it waits for ever
		t.Errorf("error %v, want EOF", err)
	}
}

// Either end may do without shared memory; the sums are the same.
func TestGroupSharedOrNot(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	for _, tc := range []struct{ listener, dialler bool }{{true, true}, {true, false}, {false, true}} {
		view, _ := EvenView(1, 4, 2)
		var opts [2][]LinkOption
		if !tc.listener {
			opts[0] = append(opts[0], WithoutSharedMemory())
		}
		if !tc.dialler {
			opts[1] = append(opts[1], WithoutSharedMemory())
		}
		groups := localGroups(t, view, opts[0], opts[1])
		for _, g := range groups {
			if shared := g.next.(*netLink).shared != nil; shared != (tc.listener && tc.dialler) {
				t.Errorf("%+v: shared is %v", tc, shared)
			}
		}
		s := newStep(rng, view, 1, 300_000)
		everywhere(groups, func(_ int, g *Group) {
			s.run(t, g)
			if err := g.Barrier(2, 1); err != nil {
				t.Error(err)
			}
			if err := g.Close(); err != nil {
				t.Error(err)
			}
		})
	}
}

// localGroups joins workers by unix sockets, with options for listeners and diallers.
func localGroups(t testing.TB, view View, listening, dialling []LinkOption) []*Group {
	groups := make([]*Group, view.Workers())
	listeners := make([]*Listener, len(groups))
	for w := range groups {
		l, err := Listen(t.Context(), nil, []string{"unix://" + socketPath(t)}, listening...)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { l.Close() })
		listeners[w] = l
	}
	everywhere(groups, func(w int, _ *Group) {
		next, prev, err := Connect(t.Context(), view, w, listeners[w], listeners[view.Next(w)].Addresses()[0], nil, hello(view, w), dialling...)
		if err == nil {
			groups[w], err = NewGroup(view, w, next, prev)
		}
		if err != nil {
			t.Error(err)
		}
	})
	if t.Failed() {
		t.FailNow()
	}
	return groups
}

// A neighbour that writes nonsense into the memory that it shares spoils sums
// and nothing else: every call returns.
func TestGroupSharedScribble(t *testing.T) {
	view, _ := EvenView(1, 2, 2)
	groups := localGroups(t, view, nil, nil)
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		rng := rand.New(rand.NewPCG(1, 1))
		for {
			select {
			case <-stop:
				return
			default:
				groups[0].next.(*netLink).shared.region.word.Store(rng.Uint64() >> rng.IntN(64))
			}
		}
	}()
	lanes := make2(2, 1_000_000)
	everywhere(groups, func(w int, g *Group) {
		for step := range uint64(20) {
			p, err := g.AllReduce(step, 0, lanes[w:w+1], make([]float32, 1_000_000))
			if err == nil {
				err = p.Wait()
			}
			if err != nil { // a place may have been found wrong, which is right
				return
			}
		}
	})
	close(stop)
	<-stopped
	everywhere(groups, func(_ int, g *Group) { g.Close() })
}

// A place that does not fit, in a header that is whole, names the neighbour and the field.
func TestGroupSharedBadPlace(t *testing.T) {
	mine, theirs := socketPair(t)
	next, far := MemPair("w1", "w2")
	defer far.Close()
	prev := newNetLink(mine, "host-a", 1<<20)
	prev.in.shared = &sharedIn{region: pretendRegion(64 << 10)}
	g, err := NewGroup(View{Generation: 7, Lanes: 6, Starts: []int{0, 2, 4, 6}}, 1, next, prev)
	if err != nil {
		t.Fatal(err)
	}
	p, err := g.AllReduce(3, 5, make2(2, 12), make([]float32, 12))
	if err != nil {
		t.Fatal(err)
	}
	f := newFrame(8)
	f.Kind, f.Generation, f.Step, f.Tag, f.place = KindPartial, 7, 3, 5, 1000
	if _, err := theirs.Write(f.appendHeader(nil, 0)); err != nil {
		t.Fatal(err)
	}
	wantPeer(t, p.Wait(), 0, "host-a", "read", "place")
	g.Close()
}

// neighbourEnv makes the test binary a worker: worker 1 of two, at the addresses given.
const neighbourEnv = "RONDO_TEST_NEIGHBOUR"

func TestMain(m *testing.M) {
	if addresses := os.Getenv(neighbourEnv); addresses != "" {
		if err := neighbour(addresses); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

const neighbourLength = 4_000_000

// neighbour sums with worker 0 without end.
func neighbour(addresses string) error {
	own, other, _ := strings.Cut(addresses, ",")
	view, _ := EvenView(1, 2, 2)
	ctx := context.Background()
	l, err := Listen(ctx, nil, []string{own})
	if err != nil {
		return err
	}
	next, prev, err := Connect(ctx, view, 1, l, other, nil, hello(view, 1))
	if err != nil {
		return err
	}
	g, err := NewGroup(view, 1, next, prev)
	if err != nil {
		return err
	}
	lanes, out := make2(1, neighbourLength), make([]float32, neighbourLength)
	for step := uint64(1); ; step++ {
		p, err := g.AllReduce(step, 0, lanes, out)
		if err == nil {
			err = p.Wait()
		}
		if err != nil {
			return err
		}
		fmt.Println(step)
	}
}

// withNeighbour sums with another process until it has done a few steps, lets
// harm happen to it, and returns the group and the error that ended the sums.
func withNeighbour(t *testing.T, harm func(p *os.Process, g *Group)) (*Group, error) {
	view, _ := EvenView(1, 2, 2)
	own, other := "unix://"+socketPath(t), "unix://"+socketPath(t)
	l := listen(t, nil, own)
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), neighbourEnv+"="+other+","+own)
	cmd.Stderr = io.Discard
	said, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	next, prev, err := Connect(t.Context(), view, 0, l, other, nil, hello(view, 0))
	if err != nil {
		t.Fatal(err)
	}
	if next.(*netLink).shared == nil || prev.(*netLink).in.shared == nil {
		t.Fatal("no memory is shared with the other process")
	}
	g, err := NewGroup(view, 0, next, prev)
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		lines := bufio.NewScanner(said)
		for lines.Scan() {
			if lines.Text() == "5" {
				harm(cmd.Process, g)
			}
		}
	}()
	lanes, out := make2(1, neighbourLength), make([]float32, neighbourLength)
	for i := range lanes[0] {
		lanes[0][i] = float32(i)
	}
	for step := uint64(1); ; step++ {
		p, err := g.AllReduce(step, 0, lanes, out)
		if err == nil {
			err = p.Wait()
		}
		if err != nil {
			return g, err
		}
		for i, v := range out {
			if v != float32(i) {
				t.Fatalf("step %d: number %d is %v", step, i, v)
			}
		}
	}
}

// A neighbour killed while memory is under way between the two ends the sums with its name.
func TestGroupSharedPeerKilled(t *testing.T) {
	g, err := withNeighbour(t, func(p *os.Process, _ *Group) { _ = p.Kill() })
	if peer := (*PeerError)(nil); !errors.As(err, &peer) || peer.Worker != 1 {
		t.Errorf("error %v", err)
	}
	g.Close()
}

// A neighbour that is frozen holds nobody up beyond what is awaited of it: that
// is told, and the group can be closed.
func TestGroupSharedPeerFrozen(t *testing.T) {
	awaited := make(chan []Await, 1)
	g, err := withNeighbour(t, func(p *os.Process, g *Group) {
		_ = p.Signal(syscall.SIGSTOP)
		var all []Await
		for len(all) == 0 && g.Err() == nil { // until this process has begun a sum that cannot end
			runtime.Gosched()
			all = g.Awaiting()
		}
		awaited <- all
		g.Close()
	})
	if !errors.Is(err, ErrClosed) {
		t.Errorf("error %v", err)
	}
	if all := <-awaited; len(all) == 0 || !strings.Contains(all[0].String(), "from worker 1 (w1") {
		t.Errorf("awaiting %q", all)
	}
	g.Close()
}

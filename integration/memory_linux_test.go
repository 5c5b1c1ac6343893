package integration

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"
)

// withoutMemfd has this program be another one, its arguments, to which memfd_create is unknown, as by a container's seccomp profile.
const withoutMemfd = "RONDO_TEST_WITHOUT_MEMFD"

func init() {
	if os.Getenv(withoutMemfd) == "" {
		return
	}
	runtime.LockOSThread() // the filter is the thread's, and after exec the process's
	filter := []unix.SockFilter{
		{Code: unix.BPF_LD | unix.BPF_W | unix.BPF_ABS, K: 0}, // the number of the call
		{Code: unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K, Jf: 1, K: unix.SYS_MEMFD_CREATE},
		{Code: unix.BPF_RET | unix.BPF_K, K: unix.SECCOMP_RET_ERRNO | uint32(unix.ENOSYS)},
		{Code: unix.BPF_RET | unix.BPF_K, K: unix.SECCOMP_RET_ALLOW},
	}
	err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
	if err == nil {
		program := unix.SockFprog{Len: uint16(len(filter)), Filter: &filter[0]}
		err = unix.Prctl(unix.PR_SET_SECCOMP, unix.SECCOMP_MODE_FILTER, uintptr(unsafe.Pointer(&program)), 0, 0)
	}
	if err == nil {
		os.Unsetenv(withoutMemfd)
		err = syscall.Exec(os.Args[1], os.Args[1:], os.Environ())
	}
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}

// TestSharedMemory trains where /dev/shm has 1 MiB, as in containers, and where memfd_create is refused. The first makes no difference:
// two workers share memory of their own. In the second the ring goes by sockets. All come to the digest of one worker.
func TestSharedMemory(t *testing.T) {
	t.Parallel()
	l := NewLab(t)
	smallRun(l)
	sets := setFlags([]string{"model.hidden=512", "model.layers=1", "steps=8", "eval.every=0", "checkpoint.every=0"})
	if r := l.train("alone", append(sets, "--workers", "1")...); r.Code != 0 {
		t.Fatalf("exit status %d\n%s", r.Code, r.Stderr)
	}
	want := l.Digest("alone")
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name   string
		inside []string
		shares bool
	}{
		{"shm", []string{"unshare", "--mount", "sh", "-c", `mount -t tmpfs -o size=1m none /dev/shm && exec "$@"`, "sh"}, true},
		{"seccomp", []string{"env", withoutMemfd + "=1", self}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			if said, err := exec.Command(c.inside[0], append(c.inside[1:], "/bin/true")...).CombinedOutput(); err != nil {
				t.Skipf("it cannot be had here: %v\n%s", err, said)
			}
			there := *l
			there.t, there.inside = t, c.inside
			p := there.Start(trainArgs(c.name, append(sets, "--workers", "2", "--set", "steps=100000")...)...)
			p.WaitStep(2)
			if shares := sharesMemory(t, p.PID()); shares != c.shares {
				t.Errorf("its workers share memory: %v, want %v", shares, c.shares)
			}
			p.Signal(syscall.SIGTERM)
			p.Wait()
			if r := there.train(c.name+"-whole", append(sets, "--workers", "2")...); r.Code != 0 {
				t.Fatalf("exit status %d\n%s", r.Code, r.Stderr)
			}
			if got := l.Digest(c.name + "-whole"); got != want {
				t.Errorf("digest %s, that of one worker %s", got, want)
			}
		})
	}
}

// sharesMemory says whether a child of a process has memory of a ring.
func sharesMemory(t *testing.T, parent int) bool {
	t.Helper()
	stats, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, name := range stats {
		text, err := os.ReadFile(name)
		_, after, _ := strings.Cut(string(text), ") ")
		if fields := strings.Fields(after); err != nil || len(fields) < 2 || fields[1] != fmt.Sprint(parent) {
			continue
		}
		maps, err := os.ReadFile(filepath.Join(filepath.Dir(name), "maps"))
		if err == nil && strings.Contains(string(maps), "memfd:rondo-ring") {
			return true
		}
	}
	return false
}

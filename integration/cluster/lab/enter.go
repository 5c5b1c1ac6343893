package lab

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"syscall"
	"time"
)

// stage says how far Enter has come in this process.
const stage = "RONDO_CLUSTER_STAGE"

// Inside tells whether this process runs in namespaces of its own.
func Inside() bool { return os.Getenv(stage) == "tests" }

// Possible says why a cluster cannot be run here; nil: it can.
func Possible() error {
	if os.Geteuid() != 0 {
		return errors.New("a cluster needs root, for namespaces, mounts and cgroups")
	}
	if _, err := exec.LookPath("ip"); err != nil {
		return errors.New("a cluster needs the command ip (package iproute2)")
	}
	if _, err := os.Stat("/sys/fs/cgroup"); err != nil {
		return fmt.Errorf("a cluster needs cgroups: %w", err)
	}
	return nil
}

// Main is what a test's main function calls. It calls prepare on the machine, then
// inside in namespaces of its own, and returns the exit code of that. An error of
// prepare keeps it from going on.
func Main(prepare func() error, inside func() int) (int, error) {
	switch os.Getenv(stage) {
	case "reaper":
		if os.Getpid() != 1 {
			return 1, errors.New(stage + " is set, and this is no first process: unset it")
		}
		return reap(), nil
	case "tests":
		return inside(), nil
	}
	if err := prepare(); err != nil {
		return 1, err
	}
	return enter()
}

// enter runs this program again, with its arguments, in new namespaces, and
// returns its exit code. It removes the cgroups that are left.
func enter() (int, error) {
	cgroup := "rondo-cluster-" + strconv.Itoa(os.Getpid())
	inside := exec.Command("/proc/self/exe", os.Args[1:]...)
	inside.Stdin, inside.Stdout, inside.Stderr = os.Stdin, os.Stdout, os.Stderr
	inside.Env = append(os.Environ(), stage+"=reaper", cgroupName+"="+cgroup)
	inside.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags: syscall.CLONE_NEWNS | syscall.CLONE_NEWNET | syscall.CLONE_NEWPID,
		// Without this the reaper would outlive a test binary that go test kills.
		Pdeathsig: syscall.SIGKILL,
	}
	// Ctrl-C reaches all of the terminal's group: the tests end, then this does.
	signal.Ignore(os.Interrupt)
	err := inside.Run()
	removeCgroups(cgroup)
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		if code := exit.ExitCode(); code >= 0 {
			return code, nil
		}
	}
	if err != nil {
		return 1, fmt.Errorf("the tests in their own namespaces: %w", err)
	}
	return 0, nil
}

// reap is the first process of the process namespace. It gives the tests what
// they need to be alone, and waits for whatever has lost its parent: what has ended
// and nobody waits for keeps its number and its cgroup.
func reap() int {
	if err := alone(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	if err := os.Setenv(stage, "tests"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	tests, err := os.StartProcess("/proc/self/exe", os.Args, &os.ProcAttr{Files: []*os.File{os.Stdin, os.Stdout, os.Stderr}})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	for {
		var status syscall.WaitStatus
		pid, err := syscall.Wait4(-1, &status, 0, nil)
		switch {
		case errors.Is(err, syscall.EINTR):
		case err != nil:
			fmt.Fprintln(os.Stderr, "wait:", err)
			return 1
		case pid == tests.Pid && status.Signaled():
			return 128 + int(status.Signal())
		case pid == tests.Pid:
			return status.ExitStatus()
		}
	}
}

// alone parts the mounts of this process from the machine's.
func alone() error {
	if err := syscall.Mount("", "/", "", syscall.MS_REC|syscall.MS_PRIVATE, ""); err != nil {
		return fmt.Errorf("make mounts private: %w", err)
	}
	if err := syscall.Mount("proc", "/proc", "proc", 0, ""); err != nil {
		return fmt.Errorf("mount /proc: %w", err)
	}
	return nil
}

// hide mounts what kubelet and containerd would write to over the machine's own.
// Kubelet sets sysctls of the whole machine; it finds files that hold what it wants.
func hide(dir string) error {
	if err := syscall.Mount("tmpfs", "/run", "tmpfs", 0, "mode=755"); err != nil {
		return fmt.Errorf("mount /run: %w", err)
	}
	for _, d := range []string{"/var/lib", "/var/log", "/usr/libexec"} {
		if _, err := os.Stat(d); errors.Is(err, fs.ErrNotExist) {
			continue
		}
		own := filepath.Join(dir, "own", d)
		if err := os.MkdirAll(own, 0o755); err != nil {
			return err
		}
		if err := syscall.Mount(own, d, "", syscall.MS_BIND, ""); err != nil {
			return fmt.Errorf("mount %s over %s: %w", own, d, err)
		}
	}
	for name, value := range map[string]string{
		"vm/overcommit_memory": "1", "vm/panic_on_oom": "0", "kernel/panic": "10", "kernel/panic_on_oops": "1",
		"kernel/keys/root_maxkeys": "1000000", "kernel/keys/root_maxbytes": "25000000",
	} {
		own, sys := filepath.Join(dir, "own/sysctl", name), filepath.Join("/proc/sys", name)
		if _, err := os.Stat(sys); errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err := os.MkdirAll(filepath.Dir(own), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(own, []byte(value+"\n"), 0o644); err != nil {
			return err
		}
		if err := syscall.Mount(own, sys, "", syscall.MS_BIND, ""); err != nil {
			return fmt.Errorf("mount %s over %s: %w", own, sys, err)
		}
	}
	return nil
}

// pause between two looks at a process that tells nobody that it is ready.
const pause = 50 * time.Millisecond

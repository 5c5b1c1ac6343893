//go:build linux && amd64

// Command evex runs a program that uses AVX-512 on a processor that lacks it:
//
//	go test -c -o tensor.test ./tensor && go run ./.ci/evex tensor.test -test.run /avx512
//
// It starts the program under ptrace, tells golang.org/x/sys/cpu in it that the processor has AVX-512 and
// AVX512_BF16, and computes every instruction at which the processor stops. It knows the few instructions, all 512 bits
// wide, that package tensor/internal/kernel has; at any other the program dies as it would by itself. It takes some microseconds an
// instruction, so it is for tests of bits. EVEX_NO_BF16=1 leaves AVX512_BF16 out.
package main

import (
	"debug/elf"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"syscall"
	"unsafe"

	"golang.org/x/sys/cpu"
)

func main() {
	if len(os.Args) < 2 {
		fmt.Fprintln(os.Stderr, "usage: evex PROGRAM [ARGUMENT...]")
		os.Exit(2)
	}
	runtime.LockOSThread() // a process is traced by one thread
	code, err := trace(os.Args[1], os.Args[1:])
	if err != nil {
		fmt.Fprintln(os.Stderr, "evex:", err)
		os.Exit(1)
	}
	os.Exit(code)
}

// tracer is a traced program: all its threads share memory, and each has registers of its own.
type tracer struct {
	pid    int
	mem    *os.File
	start  uint64 // where the break point is, and what it stands in for
	was    byte
	flags  uint64 // address of cpu.X86
	states map[int]*state
	count  int // instructions computed
}

// trace runs the program to its end and returns its exit status.
func trace(path string, args []string) (int, error) {
	t := &tracer{states: map[int]*state{}}
	if err := t.symbols(path); err != nil {
		return 0, err
	}
	path, err := exec.LookPath(path)
	if err != nil {
		return 0, err
	}
	p, err := os.StartProcess(path, args, &os.ProcAttr{Files: []*os.File{os.Stdin, os.Stdout, os.Stderr},
		Env: append(os.Environ(), "RONDO_TIER=avx512"), Sys: &syscall.SysProcAttr{Ptrace: true}})
	if err != nil {
		return 0, err
	}
	t.pid = p.Pid
	if t.mem, err = os.OpenFile(fmt.Sprintf("/proc/%d/mem", t.pid), os.O_RDWR, 0); err != nil {
		return 0, err
	}
	return t.loop()
}

// symbols finds the start of package kernel's initialization, before which the flags are set.
func (t *tracer) symbols(path string) error {
	f, err := elf.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	all, err := f.Symbols()
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	for _, s := range all {
		switch s.Name {
		case "github.com/rondo-ml/rondo/tensor/internal/kernel.init":
			t.start = s.Value
		case "golang.org/x/sys/cpu.X86":
			t.flags = s.Value
		}
	}
	if t.start == 0 || t.flags == 0 {
		return fmt.Errorf("%s: package tensor/internal/kernel is not in it, or its symbols are not", path)
	}
	return nil
}

func (t *tracer) loop() (int, error) {
	const (
		options  = syscall.PTRACE_O_TRACECLONE | 1<<20 // the latter: kill it if we die
		anywhere = 0x40000000                          // __WALL: threads too
	)
	begun, known := false, map[int]bool{t.pid: true}
	for {
		var status syscall.WaitStatus
		id, err := syscall.Wait4(-1, &status, anywhere, nil)
		switch {
		case err == syscall.EINTR:
			continue
		case err != nil:
			return 0, fmt.Errorf("waiting: %w", err)
		case status.Exited() || status.Signaled():
			if id != t.pid {
				continue
			}
			fmt.Fprintf(os.Stderr, "evex: %d instructions computed\n", t.count)
			if status.Signaled() {
				return 128 + int(status.Signal()), nil
			}
			return status.ExitStatus(), nil
		case !status.Stopped():
			continue
		}
		signal := int(status.StopSignal())
		switch {
		case !begun:
			begun, signal = true, 0
			if err := syscall.PtraceSetOptions(id, options); err != nil {
				return 0, err
			}
			if err := t.setBreak(); err != nil {
				return 0, err
			}
		case signal == int(syscall.SIGTRAP):
			if status.TrapCause() <= 0 {
				if err := t.atBreak(id); err != nil {
					return 0, err
				}
			}
			signal = 0
		case !known[id]: // the stop with which a thread begins
			signal = 0
		case signal == int(syscall.SIGILL):
			done, err := t.compute(id)
			if err != nil {
				return 0, err
			}
			if done {
				signal = 0
			}
		}
		known[id] = true
		if err := syscall.PtraceCont(id, signal); err != nil && err != syscall.ESRCH {
			return 0, fmt.Errorf("going on: %w", err)
		}
	}
}

// setBreak replaces the first byte of package kernel's initialization by int3.
func (t *tracer) setBreak() error {
	var b [1]byte
	if _, err := t.mem.ReadAt(b[:], int64(t.start)); err != nil {
		return err
	}
	t.was = b[0]
	_, err := t.mem.WriteAt([]byte{0xcc}, int64(t.start))
	return err
}

// atBreak sets the flags, and goes back to the instruction that was replaced.
func (t *tracer) atBreak(id int) error {
	var r syscall.PtraceRegs
	if err := syscall.PtraceGetRegs(id, &r); err != nil {
		return err
	}
	if r.Rip != t.start+1 {
		return fmt.Errorf("an unexpected stop at %#x", r.Rip)
	}
	r.Rip = t.start
	if _, err := t.mem.WriteAt([]byte{t.was}, int64(t.start)); err != nil {
		return err
	}
	x := &cpu.X86
	for _, at := range []uintptr{unsafe.Offsetof(x.HasAVX512), unsafe.Offsetof(x.HasAVX512F), unsafe.Offsetof(x.HasAVX512BW),
		unsafe.Offsetof(x.HasAVX512DQ), unsafe.Offsetof(x.HasAVX512VL), unsafe.Offsetof(x.HasAVX512BF16)} {
		if at == unsafe.Offsetof(x.HasAVX512BF16) && os.Getenv("EVEX_NO_BF16") != "" {
			continue
		}
		if _, err := t.mem.WriteAt([]byte{1}, int64(t.flags+uint64(at))); err != nil {
			return err
		}
	}
	return syscall.PtraceSetRegs(id, &r)
}

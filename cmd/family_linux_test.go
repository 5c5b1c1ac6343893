package cmd

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"syscall"
	"testing"
)

// TestFamilyOutlivesThreads starts a child from a thread that ends. The child lives on.
func TestFamilyOutlivesThreads(t *testing.T) {
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("RONDO_TEST_CHILD", "stay")
	child := exec.Command(program)
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	f := &family{}
	defer f.kill()
	thread := onEndingThread(func() { err = f.start(child) })
	if err != nil {
		t.Fatal(err)
	}
	if _, err := out.Read(make([]byte, 1)); err != nil { // it says that it is ready
		t.Fatal(err)
	}
	for path := fmt.Sprintf("/proc/self/task/%d", thread); err == nil; _, err = os.Stat(path) {
		runtime.Gosched()
	}
	if err := child.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if err := child.Wait(); err != nil {
		t.Errorf("the child: %v", err)
	}
}

// onEndingThread runs f on a thread that ends after it, and returns the thread's number.
func onEndingThread(f func()) int {
	thread := make(chan int)
	go func() {
		runtime.LockOSThread() // so the thread ends with this goroutine, unless it is the main thread
		if syscall.Gettid() == os.Getpid() {
			thread <- onEndingThread(f)
			return
		}
		f()
		thread <- syscall.Gettid()
	}()
	return <-thread
}

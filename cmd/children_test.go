package cmd

import (
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestMain lets this test binary be a child of itself.
func TestMain(m *testing.M) {
	switch os.Getenv("RONDO_TEST_CHILD") {
	case "fail":
		os.Stderr.WriteString("rondo: it does not work\n")
		os.Exit(3)
	case "stay":
		interrupted := make(chan os.Signal, 1)
		signal.Notify(interrupted, os.Interrupt)
		os.Stdout.WriteString("ready")
		<-interrupted
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func TestChildren(t *testing.T) {
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	type end struct{ name, status string }
	ends := make(chan end, 2)
	cs := &children{}
	start := func(name, role string) {
		t.Helper()
		t.Setenv("RONDO_TEST_CHILD", role)
		if err := cs.start(name, nil, []string{program}, dir, func(name, status string) { ends <- end{name, status} }); err != nil {
			t.Fatal(err)
		}
	}
	start("worker-0", "fail")
	if got := <-ends; got != (end{"worker-0", "exit status 3"}) {
		t.Errorf("%+v", got)
	}
	if got := cs.all()[0].tail.text(); got != "rondo: it does not work" {
		t.Errorf("its last words are %q", got)
	}
	start("worker-1", "fail")
	<-ends
	start("worker-1", "stay") // in the place of the other
	cs.end(time.Millisecond)  // it does not leave by itself
	if got := <-ends; got.name != "worker-1" || !strings.Contains(got.status, "signal 9") {
		t.Errorf("%+v", got)
	}
	if n := len(cs.all()); n != 2 {
		t.Errorf("%d children, want the newest of each name", n)
	}
	if got := cs.all()[1].tail.text(); got != "rondo: it does not work" {
		t.Errorf("behind the one that failed another was started, and the last words are %q", got)
	}
	log, err := os.ReadFile(cs.all()[0].log)
	if err != nil || string(log) != "rondo: it does not work\n" {
		t.Errorf("the log is %q, %v", log, err)
	}
	if err := cs.start("worker-2", nil, []string{dir + "/none"}, dir, nil); err == nil || !strings.Contains(err.Error(), "worker-2") {
		t.Errorf("starting nothing: %v", err)
	}
	if _, err := openLog(dir+"/none", "worker-3"); err == nil || !strings.Contains(err.Error(), "worker-3") {
		t.Errorf("a log nowhere: %v", err)
	}
}

// A link that somebody left in the place of a log leads nowhere.
func TestLogLink(t *testing.T) {
	dir, other := t.TempDir(), filepath.Join(t.TempDir(), "precious")
	if err := os.Symlink(other, filepath.Join(dir, "worker-0.log")); err != nil {
		t.Skip(err)
	}
	if file, err := openLog(dir, "worker-0"); err == nil {
		t.Errorf("opened %s", file.Name())
		file.Close()
	}
	if _, err := os.Stat(other); err == nil {
		t.Error("the file that the link leads to was made")
	}
}

// A variant's field takes the place of the same field of all variants.
func TestLastOfEach(t *testing.T) {
	got := lastOfEach([]string{"data.augment=flip", "steps=9", "data.augment = crop 32 pad=4", "name=a=b", " steps=12"})
	if want := []string{"data.augment = crop 32 pad=4", "name=a=b", " steps=12"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

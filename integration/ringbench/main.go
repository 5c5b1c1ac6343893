package main

import (
	"bufio"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/rondo-ml/rondo/coordinator/identity"
)

// options are what the parent was told and tells its children.
type options struct {
	workers string
	mib     string
	links   string
	lanes   int
	wire    string
	seconds time.Duration
	limit   int
	procs   int

	child int // −1: this is the parent
	n     int
	dir   string
	host  string
}

func main() {
	o := options{}
	flag.StringVar(&o.workers, "workers", "2,4", "numbers of workers")
	flag.StringVar(&o.mib, "mib", "0,1,16,64", "sizes in MiB; 0 is 4 KiB")
	flag.StringVar(&o.links, "links", "shm,unix,tcp,tls", "links between workers")
	flag.IntVar(&o.lanes, "lanes", 0, "lanes of the ring; 0: one a worker, as in the classic ring")
	flag.StringVar(&o.wire, "wire", "float32", "what travels: float32 or bf16")
	flag.DurationVar(&o.seconds, "time", 2*time.Second, "how long to measure each size")
	flag.IntVar(&o.limit, "limit", 0, "Mbit/s of the line between two workers in namespaces of their own; 0: this host")
	flag.IntVar(&o.procs, "procs", runtime.GOMAXPROCS(0), "GOMAXPROCS of each worker")
	flag.IntVar(&o.child, "child", -1, "for the parent's use")
	flag.IntVar(&o.n, "n", 0, "for the parent's use")
	flag.StringVar(&o.dir, "dir", "", "for the parent's use")
	flag.StringVar(&o.host, "host", "127.0.0.1", "for the parent's use")
	flag.Parse()
	run := o.parent
	if o.child >= 0 {
		run = o.work
	}
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "ringbench:", err)
		os.Exit(1)
	}
}

// parent measures every link with every number of workers.
func (o *options) parent() error {
	workers, err := numbers(o.workers)
	if err != nil {
		return err
	}
	for _, n := range workers {
		for link := range strings.SplitSeq(o.links, ",") {
			if err := o.measure(n, link); err != nil {
				return fmt.Errorf("%d workers over %s: %w", n, link, err)
			}
		}
	}
	return nil
}

func numbers(list string) ([]int, error) {
	var all []int
	for s := range strings.SplitSeq(list, ",") {
		n, err := strconv.Atoi(s)
		if err != nil || n < 0 {
			return nil, fmt.Errorf("%q: want whole numbers with commas between", list)
		}
		all = append(all, n)
	}
	return all, nil
}

// measure starts n workers, tells each where the others listen, and waits.
func (o *options) measure(n int, link string) error {
	dir, err := os.MkdirTemp("", "ring")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	authority, err := identity.NewAuthority()
	if err != nil {
		return err
	}
	line := []host{}
	if o.limit > 0 {
		var down func()
		if line, down, err = limitedLine(o.limit); err != nil {
			return err
		}
		defer down()
		if n != len(line) {
			return fmt.Errorf("-limit: the line joins %d workers", len(line))
		}
	}
	var children []*child
	defer func() {
		for _, c := range children {
			c.cmd.Process.Kill()
			c.cmd.Wait()
		}
	}()
	for w := range n {
		if _, err := authority.Write(filepath.Join(dir, strconv.Itoa(w)), "worker"); err != nil {
			return err
		}
		args := []string{os.Args[0], "-child", strconv.Itoa(w), "-n", strconv.Itoa(n), "-dir", dir, "-links", link, "-mib", o.mib,
			"-lanes", strconv.Itoa(o.lanes), "-wire", o.wire, "-time", o.seconds.String(), "-procs", strconv.Itoa(o.procs)}
		if o.limit > 0 {
			args = append(append([]string{"ip", "netns", "exec", line[w].namespace}, args...), "-host", line[w].address)
		}
		c, err := startChild(args)
		if err != nil {
			return err
		}
		children = append(children, c)
	}
	return introduce(children)
}

type child struct {
	cmd *exec.Cmd
	in  io.WriteCloser
	out *bufio.Reader
}

func startChild(args []string) (*child, error) {
	c := &child{cmd: exec.Command(args[0], args[1:]...)}
	c.cmd.Stderr = os.Stderr
	var err error
	if c.in, err = c.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := c.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	c.out = bufio.NewReader(out)
	return c, c.cmd.Start()
}

// introduce gives each worker the address of the next, and prints what they say after that.
func introduce(children []*child) error {
	var addresses []string
	for w, c := range children {
		line, err := c.out.ReadString('\n')
		if err != nil {
			return fmt.Errorf("worker %d: %w", w, err)
		}
		addresses = append(addresses, line)
	}
	for w, c := range children {
		if _, err := io.WriteString(c.in, addresses[(w+1)%len(addresses)]); err != nil {
			return err
		}
	}
	for w, c := range children {
		if _, err := io.Copy(os.Stdout, c.out); err != nil {
			return err
		}
		if err := c.cmd.Wait(); err != nil {
			return fmt.Errorf("worker %d: %w", w, err)
		}
	}
	return nil
}

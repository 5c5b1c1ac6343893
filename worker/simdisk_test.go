package worker

import (
	"io/fs"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/rondo-ml/rondo/worker/checkpoint"
)

// simDisk is the directory of checkpoints as one process sees it. Every operation takes
// some time, none happens in a process that was killed, and what writes fails while the disk is unfit for it.
type simDisk struct {
	checkpoint.OS
	net     *simNet
	self    *simProc
	note    func(what string)
	trouble func() (slow time.Duration, unfit error)

	mu       sync.Mutex
	rng      *rand.Rand
	gone     bool // its process has ended
	underWay sync.WaitGroup
}

// leave is the end of its process, with or without a kill: nothing begins after it. It returns when the operation under way is over.
func (d *simDisk) leave() {
	d.mu.Lock()
	d.gone = true
	d.mu.Unlock()
	d.underWay.Wait()
}

// op waits for an operation's turn, and says why it does not happen.
func (d *simDisk) op(op, path string, writes bool) error {
	d.note("disk: " + op)
	d.mu.Lock()
	if d.gone {
		d.mu.Unlock()
		return &fs.PathError{Op: op, Path: path, Err: errSimDead}
	}
	took := time.Duration(20+d.rng.IntN(1500)) * time.Microsecond
	d.underWay.Add(1)
	d.mu.Unlock()
	defer d.underWay.Done()
	slow, _ := d.trouble()
	time.Sleep(took + slow)
	_, unfit := d.trouble()
	switch {
	case d.net.dead(d.self):
		return &fs.PathError{Op: op, Path: path, Err: errSimDead}
	case writes && unfit != nil:
		return &fs.PathError{Op: op, Path: path, Err: unfit}
	}
	return nil
}

func (d *simDisk) Mkdir(path string) error {
	if err := d.op("mkdir", path, true); err != nil {
		return err
	}
	return d.OS.Mkdir(path)
}

func (d *simDisk) Create(path string) (checkpoint.Writer, error) {
	if err := d.op("create", path, true); err != nil {
		return nil, err
	}
	w, err := d.OS.Create(path)
	return &simFile{w, d, path}, err
}

func (d *simDisk) Open(path string) (checkpoint.Reader, error) {
	if err := d.op("open", path, false); err != nil {
		return nil, err
	}
	return d.OS.Open(path)
}

func (d *simDisk) Rename(from, to string) error {
	if err := d.op("rename", from, true); err != nil {
		return err
	}
	return d.OS.Rename(from, to)
}

func (d *simDisk) Remove(path string) error {
	if err := d.op("remove", path, false); err != nil {
		return err
	}
	return d.OS.Remove(path)
}

func (d *simDisk) SyncDir(path string) error { return d.op("sync", path, true) }

// simFile is a file being written. Of what is written when its process is killed a part is there.
type simFile struct {
	checkpoint.Writer
	disk *simDisk
	path string
}

func (f *simFile) Write(p []byte) (int, error) {
	if err := f.disk.op("write", f.path, true); err != nil {
		n, _ := f.Writer.Write(p[:len(p)/2])
		return n, err
	}
	return f.Writer.Write(p)
}

func (f *simFile) Sync() error { return f.disk.op("sync", f.path, true) }

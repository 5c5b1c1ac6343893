package lab

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// Boot starts what runs on a node, which AddNode does, too, and waits until the node is ready.
func (n *Node) Boot(ctx context.Context) error {
	if err := n.startRuntime(ctx); err != nil {
		return err
	}
	// A kubelet ends that finds containerd busy with the pods of before. A node's init starts it again, and so does this.
	for try := 1; ; try++ {
		err := n.startKubelet(ctx)
		if err == nil || ctx.Err() != nil || try == 10 {
			return err
		}
		select {
		case <-time.After(time.Second):
		case <-ctx.Done():
		}
	}
}

// Fail takes a node's power away: kubelet and containerd are gone at once, and so are all pods, of which nobody
// hears any more.
func (n *Node) Fail() error {
	for _, p := range []*process{n.kubelet, n.runtime} {
		if err := p.cmd.Process.Kill(); err != nil {
			return err
		}
		<-p.ended
	}
	for _, h := range hierarchies() {
		err := filepath.WalkDir(filepath.Join(h, n.cgroup), func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.Name() != "cgroup.procs" {
				return nil // a cgroup that went meanwhile had no process
			}
			text, err := os.ReadFile(path)
			if err != nil {
				return nil
			}
			for field := range strings.FieldsSeq(string(text)) {
				if pid, err := strconv.Atoi(field); err == nil && pid > 0 {
					_ = syscall.Kill(pid, syscall.SIGKILL) // it may have ended
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

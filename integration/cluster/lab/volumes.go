package lab

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
)

// AddVolumes makes n volumes that pods of both nodes may write to at once: folders
// of this machine, which every user may write to. A claim without a class gets one.
func (c *Cluster) AddVolumes(ctx context.Context, n int) error {
	var text string
	for i := range n {
		dir := filepath.Join(c.Dir, "volumes", fmt.Sprint(i))
		if err := os.MkdirAll(dir, 0o777); err != nil {
			return err
		}
		if err := os.Chmod(dir, 0o777); err != nil { // whatever the umask
			return err
		}
		text += fmt.Sprintf(`---
apiVersion: v1
kind: PersistentVolume
metadata: {name: volume-%d}
spec:
  capacity: {storage: 100Gi}
  accessModes: [ReadWriteMany, ReadWriteOnce]
  hostPath: {path: %s}
`, i, dir)
	}
	_, err := c.KubectlWith(ctx, text, "apply", "-f", "-")
	return err
}

package lab

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// cgroupName tells the tests below which cgroup the cluster's are to be.
const cgroupName = "RONDO_CLUSTER_CGROUP"

const cgroups = "/sys/fs/cgroup"

// hierarchies are the trees of cgroups that kubelet uses: one for version 2, one a
// controller for version 1.
func hierarchies() []string {
	if _, err := os.Stat(filepath.Join(cgroups, "cgroup.controllers")); err == nil {
		return []string{cgroups}
	}
	var found []string
	for _, c := range []string{"memory", "pids", "cpuset", "cpu", "cpuacct", "hugetlb", "systemd"} {
		if _, err := os.Stat(filepath.Join(cgroups, c)); err == nil {
			found = append(found, filepath.Join(cgroups, c))
		}
	}
	return found
}

// makeCgroups makes a node's root cgroup in every hierarchy. Kubelet refuses to
// start where it is missing in one.
func makeCgroups(name string) error {
	for _, h := range hierarchies() {
		dir := h
		for part := range strings.SplitSeq(name, "/") {
			parent := dir
			dir = filepath.Join(dir, part)
			if err := os.Mkdir(dir, 0o755); err != nil && !errors.Is(err, os.ErrExist) {
				return err
			}
			// Of version 1: a new one may use no processor until it is told which.
			for _, f := range []string{"cpuset.cpus", "cpuset.mems"} {
				if all, err := os.ReadFile(filepath.Join(parent, f)); err == nil && filepath.Base(h) == "cpuset" {
					if err := os.WriteFile(filepath.Join(dir, f), all, 0o644); err != nil {
						return err
					}
				}
			}
			// Of version 2: controllers are passed on by name.
			if can, err := os.ReadFile(filepath.Join(parent, "cgroup.controllers")); err == nil {
				for c := range strings.FieldsSeq(string(can)) {
					_ = os.WriteFile(filepath.Join(parent, "cgroup.subtree_control"), []byte("+"+c), 0o644)
				}
			}
		}
	}
	return nil
}

// removeCgroups removes a cgroup and all below it. The processes in them have been
// killed with their namespace, but the kernel may need a moment to let go.
func removeCgroups(name string) {
	// runc makes its own in further hierarchies of version 1 (devices, freezer, …).
	all, _ := filepath.Glob(filepath.Join(cgroups, "*"))
	for _, h := range append(all, cgroups) {
		for end := time.Now().Add(5 * time.Second); ; time.Sleep(pause) {
			if removeTree(filepath.Join(h, name)) == nil || time.Now().After(end) {
				break
			}
		}
	}
}

// removeTree removes directories from the leaves up; a cgroup's files go with it.
func removeTree(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil
	}
	for _, e := range entries {
		if e.IsDir() {
			_ = removeTree(filepath.Join(dir, e.Name()))
		}
	}
	return syscall.Rmdir(dir)
}

package lab

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// Process is one that runs in a pod, as the kernel tells of it.
type Process struct {
	PID     int
	Command string
	UID     string // real, effective, saved and of files, of one number where they are alike
	CapEff  string // hexadecimal
	NoNew   bool   // privileges
	Seccomp string // 2: filtered
	RSS     int64  // bytes of memory that are resident
	Mounts  []string
}

// Processes lists those of a pod, from its cgroups. The pause of each pod is one.
func Processes(p Pod) ([]Process, error) {
	var found []Process
	seen := map[int]bool{}
	for _, h := range hierarchies() {
		err := filepath.WalkDir(filepath.Join(h, os.Getenv(cgroupName)), func(path string, d os.DirEntry, err error) error {
			if err != nil || d.Name() != "cgroup.procs" || !strings.Contains(path, p.Metadata.UID) {
				return nil
			}
			text, err := os.ReadFile(path)
			if err != nil {
				return nil // the container ended
			}
			for field := range strings.FieldsSeq(string(text)) {
				pid, err := strconv.Atoi(field)
				if err != nil || seen[pid] {
					continue
				}
				seen[pid] = true
				if one, err := inspect(pid); err == nil {
					found = append(found, one)
				}
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	if len(found) == 0 {
		return nil, fmt.Errorf("pod %s: no process in a cgroup of its own", p.Metadata.Name)
	}
	return found, nil
}

func inspect(pid int) (Process, error) {
	proc := func(name string) string { return filepath.Join("/proc", strconv.Itoa(pid), name) }
	status, err1 := os.ReadFile(proc("status"))
	mounts, err2 := os.ReadFile(proc("mounts"))
	command, err3 := os.ReadFile(proc("cmdline"))
	if err := errors.Join(err1, err2, err3); err != nil {
		return Process{}, err
	}
	p := Process{PID: pid, Command: strings.ReplaceAll(strings.TrimRight(string(command), "\x00"), "\x00", " ")}
	for line := range strings.SplitSeq(string(status), "\n") {
		key, value, _ := strings.Cut(line, ":")
		value = strings.TrimSpace(value)
		switch key {
		case "Uid":
			ids := strings.Fields(value)
			p.UID = ids[0]
			for _, id := range ids {
				if id != ids[0] {
					p.UID = value
				}
			}
		case "CapEff":
			p.CapEff = value
		case "NoNewPrivs":
			p.NoNew = value == "1"
		case "Seccomp":
			p.Seccomp = value
		case "VmRSS": // of a process that has ended there is none
			kib, _ := strconv.ParseInt(strings.TrimSuffix(value, " kB"), 10, 64)
			p.RSS = kib << 10
		}
	}
	for line := range strings.SplitSeq(string(mounts), "\n") {
		if f := strings.Fields(line); len(f) > 3 {
			p.Mounts = append(p.Mounts, f[1]+" "+f[3])
		}
	}
	return p, nil
}

package cmd

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"github.com/rondo-ml/rondo/cmd/program"
	"github.com/rondo-ml/rondo/coordinator/identity"
)

// localRun is a run of this user on this machine, as the file steer.json in its working directory tells the commands
// that steer it. Nobody else can enter that directory.
type localRun struct {
	Name    string `json:"name"`
	Address string `json:"address"` // of the coordinator
	Page    string `json:"page"`    // the status page's address; empty: there is none
	CA      string `json:"ca"`
	Cert    string `json:"cert"` // an operator's
	Key     string `json:"key"`
}

const localRunName = "steer.json"

// noRunError says that no run of this user goes on.
type noRunError struct{}

func (noRunError) Error() string {
	return "no run of " + program.Name() + " train by this user goes on here; name one of a cluster by --coordinator HOST:PORT, with --token-file, or with --tls-ca, --tls-cert and --tls-key"
}

func (r *localRun) credentials() (*identity.Credentials, error) {
	creds, err := identity.Load(r.CA, r.Cert, r.Key)
	if err != nil {
		return nil, fmt.Errorf("run %s: %w", r.Name, err)
	}
	return creds, nil
}

// tellSteering lets commands of this user find the run.
func (t *training) tellSteering(authority *identity.Authority) error {
	p, err := authority.Write(t.work.path, "operator", identity.OperatorRole, "127.0.0.1", "localhost")
	if err != nil {
		return err
	}
	text, err := json.Marshal(localRun{t.file.Name, t.coord.Addr(), t.coord.StatusAddr(), p.CA, p.Cert, p.Key})
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(t.work.path, localRunName), text, 0o600)
}

// findLocalRun finds a run of this user on this machine; without a name, the only one.
func findLocalRun(name string) (*localRun, error) { return pickRun(localRuns(workParents()), name) }

func pickRun(runs []*localRun, name string) (*localRun, error) {
	var names []string
	for _, r := range runs {
		names = append(names, r.Name)
	}
	if same := slices.Compact(slices.Clone(names)); len(same) == 1 {
		name = cmp.Or(name, same[0]) // --run could not tell them apart
	}
	if name != "" {
		runs = slices.DeleteFunc(runs, func(r *localRun) bool { return r.Name != name })
	}
	switch {
	case len(runs) == 1:
		return runs[0], nil
	case len(names) == 0:
		return nil, noRunError{}
	case len(runs) == 0:
		return nil, fmt.Errorf("no run named %s goes on here, but %s", name, strings.Join(names, ", "))
	case name != "":
		return nil, fmt.Errorf("%d runs named %s go on here, with pages at %s: give the next one another name; `%s status --status-addr HOST:PORT` asks one of these",
			len(runs), name, strings.Join(pages(runs), ", "), program.Name())
	}
	return nil, &usageError{fmt.Errorf("%s go on here; say which by --run NAME", strings.Join(names, ", "))}
}

// pages are the status pages of runs.
func pages(runs []*localRun) (list []string) {
	for _, r := range runs {
		list = append(list, cmp.Or(r.Page, "no address"))
	}
	return list
}

// localRuns are the runs whose working directories lie in one of parents and are in use.
func localRuns(parents []string) (runs []*localRun) {
	seen := map[string]bool{}
	for _, parent := range parents {
		dirs, _ := filepath.Glob(filepath.Join(parent, workPrefix+"*"))
		for _, dir := range dirs {
			if seen[dir] || !ownAndLocked(dir) {
				continue
			}
			seen[dir] = true
			text, err := os.ReadFile(filepath.Join(dir, localRunName))
			r := &localRun{}
			if err == nil && json.Unmarshal(text, r) == nil {
				runs = append(runs, r)
			}
		}
	}
	return runs
}

// ownAndLocked says whether a directory is this user's alone, and a process holds its lock.
func ownAndLocked(dir string) bool {
	if info, err := os.Lstat(dir); err != nil || !ownPrivateDir(info) {
		return false
	}
	f, err := os.Open(dir)
	if err != nil {
		return false
	}
	defer f.Close()
	err = syscall.Flock(int(f.Fd()), syscall.LOCK_SH|syscall.LOCK_NB)
	return errors.Is(err, syscall.EWOULDBLOCK)
}

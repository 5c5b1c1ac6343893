package machine

import (
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// A process that is started on one processor may run there alone, and this one runs where it did.
func TestOn(t *testing.T) {
	allowed := Allowed()
	if len(allowed) < 1 {
		t.Skip("the system does not tell on which processors this process may run")
	}
	one := allowed[len(allowed)-1:]
	var out []byte
	err := On(one, func() (err error) {
		out, err = exec.Command("/bin/sh", "-c", "grep Cpus_allowed_list /proc/self/status").Output()
		return err
	})
	if err != nil {
		if _, gone := os.Stat("/bin/sh"); gone != nil {
			t.Skip("there is no shell here")
		}
		t.Fatal(err)
	}
	if _, list, _ := strings.Cut(string(out), ":"); strings.TrimSpace(list) != listText(one) {
		t.Errorf("started on %v it runs on %s", one, list)
	}
	if after := Allowed(); !slices.Equal(after, allowed) {
		t.Errorf("may run on %v, and before on %v", after, allowed)
	}
}

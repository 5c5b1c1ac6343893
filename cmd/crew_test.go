package cmd

import "testing"

// A run that is left at once, before its workers were started, starts none.
func TestCrewEndsBeforeItBegins(t *testing.T) {
	var c crew
	c.end()
	if err := c.begin(nil, nil, 3); err != nil || c.running() > 0 { // without a training it could start nobody
		t.Errorf("%v, %d are running", err, c.running())
	}
}

// A worker that the run lets go is not started again, however it ends and whoever looks next; one that was lost is.
func TestCrewLetsGo(t *testing.T) {
	wanted, started := 3, map[string]int{}
	c := crew{
		hands:  map[string]*hand{},
		wanted: func() int { return wanted },
		launch: func(name string) error { started[name]++; return nil },
	}
	keep := func() {
		t.Helper()
		if err := c.keep(); err != nil {
			t.Fatal(err)
		}
	}
	keep()
	c.ended("worker-1", "killed by signal 9 (killed)")
	if started["worker-1"] != 2 || c.running() != 3 {
		t.Errorf("a worker that was lost: started %v, %d run", started, c.running())
	}
	for i, status := range []string{"exit status 0", "killed by signal 15 (terminated)"} {
		wanted = 2 - i // the run lets go the last one
		name := []string{"worker-2", "worker-1"}[i]
		before := started[name]
		c.ended(name, status)
		keep()
		if started[name] != before || c.running() != wanted {
			t.Errorf("%s was let go (%s): started %v, %d of %d run", name, status, started, c.running(), wanted)
		}
	}
	wanted = 2
	if keep(); c.running() != 2 {
		t.Errorf("%d of 2 run", c.running())
	}
}

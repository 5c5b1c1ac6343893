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

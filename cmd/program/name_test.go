package program

import "testing"

func TestSetName(t *testing.T) {
	defer SetName(Usual)
	for path, want := range map[string]string{"/usr/bin/mine": "mine", "./mine": "mine", "mine.exe": "mine", "": "rondo"} {
		if SetName(path); Name() != want {
			t.Errorf("called by %q: the name is %q, want %q", path, Name(), want)
		}
	}
}

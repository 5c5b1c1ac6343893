package cmd

import "testing"

func TestNameOf(t *testing.T) {
	for host, want := range map[string]string{"": "", "node7.example": "node7.example", "-a_b c": "a-b-c", "\u8a08\u7b97": "", "caf\u00e9": "caf-"} {
		if got := nameOf(host); got != want {
			t.Errorf("%q: %q, want %q", host, got, want)
		}
	}
}

package cmd

import (
	"slices"
	"testing"

	"github.com/spf13/pflag"
)

func TestAddresses(t *testing.T) {
	var list []string
	f := pflag.NewFlagSet("", pflag.ContinueOnError)
	addressesVar(f, &list, "join", "")
	if err := f.Parse([]string{"--join", "a:1, [::1]:2", "--join=c:3"}); err != nil || !slices.Equal(list, []string{"a:1", "[::1]:2", "c:3"}) {
		t.Errorf("%q, %v", list, err)
	}
	for _, bad := range []string{"", "a", ":1", "a:", "a:1,", "a:1:2", "::1:2"} {
		if err := f.Set("join", bad); err == nil {
			t.Errorf("%q is taken", bad)
		}
	}
}

package integration

import (
	"flag"
	"fmt"
	"os"
	"testing"
)

// TestMain lets two tests run at once, as many as the smallest machine has
// cores, and removes what was built for them.
func TestMain(m *testing.M) {
	flag.Parse()
	if err := flag.Set("test.parallel", "2"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	code := m.Run()
	removeBuilt()
	os.Exit(code)
}

package cmd

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A report is a file that is there once it is whole; what cannot be one is refused.
func TestReport(t *testing.T) {
	root, a := t.TempDir(), plotted(t, "a")
	out := filepath.Join(root, "out.html")
	var said, complained bytes.Buffer
	if code := Execute(t.Context(), []string{"report", a, "--out", out}, &said, &complained); code != 0 || said.String() != out+"\n" {
		t.Fatalf("%d: %s%s", code, &said, &complained)
	}
	page, err := os.ReadFile(out)
	if err != nil || !bytes.Contains(page, []byte("Content-Security-Policy")) || !bytes.HasSuffix(page, []byte("</html>\n")) {
		t.Errorf("%d bytes: %v", len(page), err)
	}
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{root}, "no run has left"},
		{[]string{a, "--out", filepath.Join(root, "none", "x.html")}, "--out"},
		{[]string{a, "--out", "s3://bucket/x.html"}, "--out"},
		{[]string{}, "one or more checkpoint directories"},
	} {
		complained.Reset()
		if code := Execute(t.Context(), append([]string{"report"}, c.args...), &said, &complained); code == 0 || !strings.Contains(complained.String(), c.want) {
			t.Errorf("%v: %d %s", c.args, code, &complained)
		}
	}
	interrupted, interrupt := context.WithCancel(t.Context())
	interrupt()
	complained.Reset()
	never := filepath.Join(root, "never.html")
	if code := Execute(interrupted, []string{"report", a, "--out", never}, &said, &complained); code != exitStopped || !strings.Contains(complained.String(), "no report was written") {
		t.Errorf("interrupted: %d %s", code, &complained)
	}
	if _, err := os.Stat(never); err == nil {
		t.Error("what was interrupted is in the place of a report")
	}
	if left, _ := filepath.Glob(filepath.Join(root, ".report-*")); len(left) > 0 {
		t.Errorf("it left %v", left)
	}
}

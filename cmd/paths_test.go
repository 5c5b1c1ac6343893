package cmd

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rondo-ml/rondo/coordinator/web"
)

// TestSetThatIsNotThere has the page and the report refuse a set before they begin, and take those that only the network opens.
func TestSetThatIsNotThere(t *testing.T) {
	file := filepath.Join(t.TempDir(), "set")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, command := range []string{"page", "report"} {
		for value, want := range map[string]string{"nowhere": "--data: stat nowhere: no such file", file: "--data: " + file + " is no directory"} {
			var b bytes.Buffer
			if status := Execute(t.Context(), []string{command, t.TempDir(), "--data", value}, &b, &b); status != exitUsage || !strings.Contains(b.String(), want) {
				t.Errorf("%s --data %s: status %d: %s", command, value, status, b.String())
			}
		}
	}
	var b bytes.Buffer
	if status := Execute(t.Context(), []string{"page", t.TempDir(), "--status-addr", ""}, &b, &b); status != exitUsage || !strings.Contains(b.String(), "--status-addr: is empty") {
		t.Errorf("page at no address: status %d: %s", status, b.String())
	}
	for _, value := range []string{"", filepath.Dir(file), "generated:valid?count=10", "s3://bucket/valid"} {
		if err := wantSet("--data", value); err != nil {
			t.Errorf("--data %s: %v", value, err)
		}
	}
}

// TestNoPlaceForFile names the file that was asked for, not the one that is written until it is whole.
func TestNoPlaceForFile(t *testing.T) {
	dir := t.TempDir()
	if _, err := writeWhole(filepath.Join(dir, "none", "x.png"), nil); err == nil || !strings.HasPrefix(err.Error(), filepath.Join(dir, "none", "x.png")+": no file can be made there: no such") ||
		strings.Contains(err.Error(), ".new-") {
		t.Errorf("a picture: %v", err)
	}
	if _, err := writeReport(t.Context(), filepath.Join(dir, "none", "x.html"), nil, web.Lookers{}); err == nil || strings.Contains(err.Error(), ".report-") {
		t.Errorf("a report: %v", err)
	}
}

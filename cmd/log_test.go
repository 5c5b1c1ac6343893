package cmd

import (
	"encoding/json"
	"strings"
	"testing"
)

// JSON lines say which run and process they are of; lines for people do not.
func TestLogFields(t *testing.T) {
	for _, asJSON := range []bool{false, true} {
		var out strings.Builder
		log, err := (&logFlags{level: "info", json: asJSON}).logger(&out)
		if err != nil {
			t.Fatal(err)
		}
		log.With("run", "r", "coordinator", "c").With("run_id", "7").Info("a line", "step", 3)
		if !asJSON {
			if got := out.String(); !strings.HasSuffix(got, "msg=\"a line\" step=3\n") {
				t.Errorf("text: %s", got)
			}
			continue
		}
		var line map[string]any
		if err := json.Unmarshal([]byte(out.String()), &line); err != nil {
			t.Fatal(err)
		}
		if line["run"] != "r" || line["coordinator"] != "c" || line["run_id"] != "7" || line["step"] != 3.0 {
			t.Errorf("JSON: %v", line)
		}
	}
}

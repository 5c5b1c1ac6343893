package cmd

import (
	"context"
	"io"
	"strings"
	"testing"

	"github.com/rondo-ml/rondo/data/augment"
	"github.com/rondo-ml/rondo/nn/task"
	"github.com/rondo-ml/rondo/nn/zoo"
)

// The pages of help name all that there is.
func TestTopics(t *testing.T) {
	var ops []string
	for _, o := range augment.Ops() {
		ops = append(ops, o.Name)
	}
	for command, has := range map[string][]string{
		"help tasks": append(task.Names(), "task.smoothing"), "help augment": append(ops, "must be given", "default 0.5"),
		"models": zoo.Names(), "models lenet5": {"lenet5", "model.image"},
	} {
		var out strings.Builder
		if code := Execute(context.Background(), strings.Fields(command), &out, io.Discard); code != 0 {
			t.Errorf("%s: exit status %d", command, code)
		}
		for _, word := range has {
			if !strings.Contains(out.String(), word) {
				t.Errorf("%s does not name %s", command, word)
			}
		}
		if command == "models lenet5" && strings.Contains(out.String(), "charlm") {
			t.Errorf("%s lists others", command)
		}
	}
}

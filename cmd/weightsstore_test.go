package cmd

import (
	"os"
	"testing"

	"github.com/rondo-ml/rondo/data/objects/objectstest"
)

// Weights and checkpoints in an object store are shown, compared and converted as those of this machine are.
func TestWeightsOfAStore(t *testing.T) {
	server := objectstest.New(t)
	server.CopyDir(t, savedCheckpoint(t), "runs/test")
	content, err := os.ReadFile(torchFiles + "checkpoint.pth")
	if err != nil {
		t.Fatal(err)
	}
	server.Put(t, "old/weights.pth", content)

	status, out := weightsCommand(t, "show", server.Address("old/weights.pth"))
	if status != 0 {
		t.Fatal(out)
	}
	wantText(t, out, "0.weight               F32   [2 1 3 3]", "its entry state_dict: 7 tensors, 29 values, 120 bytes")
	status, out = weightsCommand(t, "show", "--average", server.Address("runs/test"))
	if status != 0 {
		t.Fatal(out)
	}
	wantText(t, out, "fc.weight", "runs/test", "the average of its weights")
	if status, out = weightsCommand(t, "diff", server.Address("old/weights.pth"), torchFiles+"checkpoint.pth"); status != 0 {
		t.Error(out)
	}
	status, out = weightsCommand(t, "show", server.Address("nowhere"))
	if status == 0 {
		t.Error(out)
	}
	wantText(t, out, "nowhere")
}

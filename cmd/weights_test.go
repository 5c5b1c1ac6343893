package cmd

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rondo-ml/rondo/nn/safetensors"
	"github.com/rondo-ml/rondo/worker/checkpoint"
)

const torchFiles = "../nn/torchfile/testdata/"

// weightsCommand runs `rondo weights` and returns its exit status and all that it prints.
func weightsCommand(t *testing.T, words ...string) (status int, out string) {
	t.Helper()
	var b bytes.Buffer
	status = Execute(t.Context(), append([]string{"weights"}, words...), &b, &b)
	return status, b.String()
}

// wantText fails for each text that is not in what was printed.
func wantText(t *testing.T, printed string, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if !strings.Contains(printed, text) {
			t.Errorf("printed\n%s\nwant in it %q", printed, text)
		}
	}
}

// savedCheckpoint writes a checkpoint of two weights and their average, and returns the run's directory.
func savedCheckpoint(t *testing.T) string {
	t.Helper()
	dir, fs := filepath.Join(t.TempDir(), "run"), checkpoint.OS{}
	if err := checkpoint.MakeDir(fs, dir); err != nil {
		t.Fatal(err)
	}
	m := &checkpoint.Manifest{Run: "test", Version: "v0", Step: 7, DataHash: "d", Bits: map[string]string{"seed": "1"}}
	for _, c := range []checkpoint.FileContent{
		{Name: checkpoint.FileName(checkpoint.Optimizer), Tensors: []safetensors.Tensor{
			{Name: "average/fc.weight", Shape: []int{2}, Data: []float32{1, 3}}}},
		{Name: checkpoint.FileName(checkpoint.Weights), Tensors: []safetensors.Tensor{
			{Name: "fc.weight", Shape: []int{2}, Data: []float32{1, 2}}, {Name: "n", Shape: []int{}, Data: []int64{4}}}},
	} {
		info, err := checkpoint.WriteFile(fs, dir, m.Step, c)
		if err != nil {
			t.Fatal(err)
		}
		m.Files = append(m.Files, info)
	}
	if err := checkpoint.Commit(fs, dir, m); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestWeightsShow(t *testing.T) {
	status, out := weightsCommand(t, "show", torchFiles+"checkpoint.pth")
	if status != 0 {
		t.Fatal(out)
	}
	wantText(t, out, "0.weight               F32   [2 1 3 3]", "checkpoint.pth, its entry state_dict: 7 tensors, 29 values, 120 bytes",
		"left out: optimizer: a dictionary of 2", "left out: args: an object of argparse.Namespace")
	status, out = weightsCommand(t, "show", torchFiles+"every.pth", "--names", "f32,half", "--json")
	var got struct {
		Tensors []map[string]any
	}
	if err := json.Unmarshal([]byte(out), &got); status != 0 || err != nil || len(got.Tensors) != 1 {
		t.Fatalf("%v: %s", err, out)
	}
	if s := got.Tensors[0]; s["name"] != "f32" || s["nan"] != 1.0 || s["min"] != -0.25 || s["max"] != nil || s["mean"] != nil {
		t.Errorf("%v", s)
	}
	_, out = weightsCommand(t, "show", savedCheckpoint(t))
	wantText(t, out, "fc.weight  F32   [2]    1.5   0.5        1    2    0", "step-000000007: 2 tensors, 3 values, 16 bytes")
}

func TestWeightsDiff(t *testing.T) {
	if status, out := weightsCommand(t, "diff", torchFiles+"every.pth", torchFiles+"every-legacy.pth"); status != 0 || out != "the same: 17 tensors\n" {
		t.Errorf("exit %d: %s", status, out)
	}
	status, out := weightsCommand(t, "diff", torchFiles+"plain.pth", torchFiles+"mixed.pth")
	wantText(t, out, "0.weight: F32[2 1 3 3] in the first alone\n", "w: F32[2] in the second alone\n", "9 of 9 tensors differ\n")
	if status != exitFailed {
		t.Errorf("exit %d", status)
	}
	prefixed := filepath.Join(t.TempDir(), "prefixed.safetensors")
	if status, out := weightsCommand(t, "convert", torchFiles+"plain.pth", prefixed, "--add", "module."); status != 0 {
		t.Fatal(out)
	}
	if status, out := weightsCommand(t, "diff", torchFiles+"plain.pth", prefixed, "--strip", "module."); status != 0 {
		t.Error(out)
	}
	dir := savedCheckpoint(t)
	path := filepath.Join(t.TempDir(), "average.safetensors")
	if status, out := weightsCommand(t, "convert", dir, path, "--average"); status != 0 {
		t.Fatal(out)
	}
	status, out = weightsCommand(t, "diff", dir, path)
	wantText(t, out, "fc.weight: 1 of 2 values differ, by at most 1 (value 1: 2 and 3), relatively 0.333\n1 of 2 tensors differ\n")
	if status != exitFailed {
		t.Errorf("exit %d", status)
	}
	if status, out := weightsCommand(t, "diff", dir, path, "--tolerance", "1"); status != 0 {
		t.Error(out)
	}
}

func TestWeightsConvert(t *testing.T) {
	path := filepath.Join(t.TempDir(), "out.safetensors")
	status, out := weightsCommand(t, "convert", torchFiles+"checkpoint.pth", path,
		"--strip", "1.", "--rename", "0.=conv.", "--add", "net.", "--type", "bf16", "--skip", "*.num_batches_tracked")
	if status != 0 {
		t.Fatal(out)
	}
	wantText(t, out, "out.safetensors: 6 tensors of "+torchFiles+"checkpoint.pth, its entry state_dict",
		"left out: 1.num_batches_tracked (--skip)", "left out: epoch: a number")
	f, err := safetensors.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	want := "net.bias net.conv.bias net.conv.weight net.running_mean net.running_var net.weight"
	if got := strings.Join(f.Names(), " "); got != want || f.Metadata()["format"] != "pt" {
		t.Errorf("got %s, %v, want %s", got, f.Metadata(), want)
	}
	if i, _ := f.Info("net.conv.weight"); i.DType != safetensors.BF16 {
		t.Errorf("%+v", i)
	}
	status, out = weightsCommand(t, "convert", torchFiles+"every.pth", path, "--type", "f16")
	wantText(t, out, "f64: 1 value too large for F16 and infinite now")
	if status != 0 {
		t.Error(out)
	}
	_, out = weightsCommand(t, "convert", savedCheckpoint(t), path)
	wantText(t, out, "--average converts that")
}

// TestWeightsRefusals: nothing is written where something is wrong.
func TestWeightsRefusals(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "out.safetensors")
	for _, c := range []struct {
		words  []string
		status int
		want   string
	}{
		{[]string{"convert", torchFiles + "evil.pth", path}, exitFailed, `it calls "posix.system"`},
		{[]string{"convert", torchFiles + "beside-evil.pth", path}, exitFailed, `it calls "posix.system", and loading it in Python would run that; refused`},
		{[]string{"convert", torchFiles + "plain.pth", filepath.Join(dir, "out.pth")}, exitUsage, "safetensors is what is written"},
		{[]string{"convert", torchFiles + "plain.pth", path, "--type", "i8"}, exitUsage, "--type i8: f32, f64, f16 or bf16"},
		{[]string{"convert", torchFiles + "plain.pth", path, "--rename", "x"}, exitUsage, `--rename "x": OLD=NEW is wanted`},
		{[]string{"convert", torchFiles + "plain.pth", path, "--rename", "0.=1."}, exitFailed, "tensors 0.bias and 1.bias would both be called 1.bias"},
		{[]string{"convert", torchFiles + "plain.pth", path, "--skip", "a,,b"}, exitUsage, "--skip: an empty pattern"},
		{[]string{"convert", torchFiles + "plain.pth", path, "--average"}, exitUsage, "--average is of checkpoints"},
		{[]string{"convert", torchFiles + "plain.pth", filepath.Join(dir, "no", "out.safetensors")}, exitFailed, "no such file or directory"},
		{[]string{"convert", torchFiles + "plain.pth"}, exitUsage, "not 1 argument"},
		{[]string{"convert", torchFiles + "plain.pth", ""}, exitUsage, "OUT is empty; name a file to write"},
		{[]string{"convert", "", path}, exitUsage, "the path of the weights is empty"},
		{[]string{"convert", torchFiles + "plain.pth", path, "--skip", "0.,fc"}, exitUsage, "--skip fc: no tensor of " + torchFiles + "plain.pth has such a name"},
		{[]string{"convert", torchFiles + "plain.pth", path, "--rename", "fc=head"}, exitUsage, "--rename fc=head: no tensor of"},
		{[]string{"convert", torchFiles + "plain.pth", path, "--strip", "module."}, exitUsage, "--strip module.: no tensor of"},
		{[]string{"show", torchFiles + "plain.pth", "--names", "fc"}, exitUsage, "--names fc: no tensor of"},
		{[]string{"show", filepath.Join(dir, "missing.pth")}, exitFailed, "missing.pth"},
		{[]string{"show", dir}, exitFailed, "no"},
		{[]string{"show", "ftp://bucket/x"}, exitUsage, "a path of this machine is wanted"},
		{[]string{"show", torchFiles + "files.py"}, exitFailed, "neither a safetensors file nor one of torch.save"},
		{[]string{"diff", torchFiles + "plain.pth", torchFiles + "plain.pth", "--tolerance", "-1"}, exitUsage, "--tolerance -1: at least 0"},
		{[]string{"shwo"}, exitUsage, "did you mean show?"},
	} {
		status, out := weightsCommand(t, c.words...)
		if status != c.status {
			t.Errorf("%v: exit %d, want %d", c.words, status, c.status)
		}
		wantText(t, out, c.want)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

// Names are of others: what does not show in them is written out, a line stays a line. An empty file is told as empty.
func TestWeightsOddNames(t *testing.T) {
	dir := t.TempDir()
	odd, empty := filepath.Join(dir, "odd.safetensors"), filepath.Join(dir, "x.pth")
	writeTensors(t, odd, safetensors.Tensor{Name: "a\x1b[2J\nb", Shape: []int{1}, Data: []float32{1}}, safetensors.Tensor{Name: "größe", Shape: []int{1}, Data: []float32{1}})
	if err := os.WriteFile(empty, nil, 0o666); err != nil {
		t.Fatal(err)
	}
	_, shown := weightsCommand(t, "show", odd)
	_, differ := weightsCommand(t, "diff", odd, torchFiles+"plain.pth")
	for _, out := range []string{shown, differ} {
		if wantText(t, out, `"a\x1b[2J\nb"`, "größe"); strings.Contains(out, "\x1b") {
			t.Errorf("a control character is printed: %q", out)
		}
	}
	if status, out := predicts(t, "--kind", "lenet5", "--weights", odd, "x.png"); status == 0 || strings.Contains(out, "\x1b") || !strings.Contains(out, `"a\x1b[2J\nb"`) {
		t.Errorf("predict: %d %s", status, out)
	}
	if status, out := weightsCommand(t, "show", empty); status == 0 || !strings.Contains(out, empty+": the file is empty") {
		t.Errorf("%d %s", status, out)
	}
}

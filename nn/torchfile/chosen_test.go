package torchfile

import (
	"bytes"
	"strings"
	"testing"

	"github.com/rondo-ml/rondo/nn/safetensors"
)

// Pickles of a few values.
const (
	read   = "ctorch._utils\n_rebuild_tensor_v2\n(STORAGEK\x00K\x02\x85K\x01\x85\x89NtR"
	sparse = "ctorch._utils\n_rebuild_sparse_tensor\n)R"
)

// pickled is the pickle of a dictionary of keys and values in turn.
func pickled(list ...string) string {
	text := "}"
	for i := 0; i < len(list); i += 2 {
		text += "X" + string([]byte{byte(len(list[i])), 0, 0, 0}) + list[i] + list[i+1] + "s"
	}
	return text
}

// Tensors that are not read choose no dictionary where others are.
func TestChosenDictionary(t *testing.T) {
	for name, c := range map[string]struct{ object, within, beside, wrong string }{
		"unread at the top":    {pickled("net", pickled("w", read), "mask", sparse), "net", "", ""},
		"unread beside":        {pickled("net", pickled("w", read), "extra", pickled("x", sparse)), "net", "", ""},
		"unread by usual name": {pickled("state_dict", pickled("w", sparse), "model", pickled("w", read)), "model", "", ""},
		"two":                  {pickled("a", pickled("w", read), "b", pickled("w", read), "mask", sparse), "", "", "several dictionaries"},
		"one beside":           {pickled("model", pickled("w", read), "ema", pickled("w", read)), "model", "ema", ""},
		"unread alone":         {pickled("net", pickled("w", sparse)), "net", "", ""},
		"unread as it is":      {pickled("w", sparse, "v", sparse), "", "", ""},
	} {
		b := small(c.object)
		f, err := New("test.pth", bytes.NewReader(b), int64(len(b)))
		switch {
		case c.wrong != "":
			if err == nil || !strings.Contains(err.Error(), c.wrong) {
				t.Errorf("%s: %v", name, err)
			}
		case err != nil:
			t.Errorf("%s: %v", name, err)
		case f.Within() != c.within || strings.Join(f.Beside(), " ") != c.beside || len(f.Names())+len(f.Unread()) == 0:
			t.Errorf("%s: within %q, beside %q, read %q, not read %v", name, f.Within(), f.Beside(), f.Names(), f.Unread())
		}
	}
}

// A tensor that is not read is told as what it is where it has attributes, too.
func TestUnreadWithAttributes(t *testing.T) {
	object := "ctorch._tensor\n_rebuild_from_type_v2\n(ctorch._utils\n_rebuild_sparse_tensor\nctorch\nTensor\n)}tR"
	eight := "ctorch._tensor\n_rebuild_from_type_v2\n(ctorch._utils\n_rebuild_tensor_v3\nctorch\nTensor\n(NNNNNNctorch\nfloat8_e5m2\nt}tR"
	quantized := "ctorch._utils\n_rebuild_tensor_v2\n((X\x07\x00\x00\x00storagectorch\nQInt8Storage\nX\x01\x00\x00\x001X\x03\x00\x00\x00cpuK\x04tQK\x00K\x02\x85K\x01\x85\x89NtR"
	parts := strings.Replace(quantized, "QInt8", "ComplexFloat", 1)
	b := small(pickled("w", read, "s", object, "e", eight))
	f, err := New("test.pth", bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]safetensors.Unread{"s": {What: "a sparse tensor", Do: "tensor.to_dense()"}, "e": {What: "a tensor of float8_e5m2", Do: "tensor.float()"}}
	for name, u := range want {
		if f.Unread()[name] != u {
			t.Errorf("%s: %v", name, f.Unread()[name])
		}
	}
	for pickle, do := range map[string]string{quantized: "tensor.float()", parts: "real numbers"} {
		b := small(pickled("w", read, "q", pickle))
		f, err := New("test.pth", bytes.NewReader(b), int64(len(b)))
		if err != nil {
			t.Fatal(err)
		}
		if got := f.Unread()["q"].Do; got != do {
			t.Errorf("%v: save %q", f.Unread()["q"], got)
		}
	}
}

// The sum of a storage holds for tensors that are parts of it and for those whose elements are not in order.
func TestDamagedParts(t *testing.T) {
	for name, view := range map[string]string{
		"all of it":  "K\x00K\x02K\x02\x86K\x02K\x01\x86",
		"transposed": "K\x00K\x02K\x02\x86K\x01K\x02\x86",
		"a part":     "K\x01K\x02\x85K\x01\x85",
	} {
		pickle := "\x80\x02" + strings.Replace(tensorOf(view), "STORAGE", strings.Replace(intStorage, "Int", "Float", 1), 1) + "."
		data := zipped(t, []entry{{"x/data.pkl", pickle, 0}, {"x/data/0", "abcdefghijklmnop", 0}})
		if _, err := readAll(data); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		damaged := bytes.Replace(data, []byte("efgh"), []byte("efgi"), 1)
		if _, err := readAll(damaged); err == nil || !strings.Contains(err.Error(), `tensor "w": `) || !strings.Contains(err.Error(), "damaged") {
			t.Errorf("%s: a damaged storage is read: %v", name, err)
		}
	}
}

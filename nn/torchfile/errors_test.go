package torchfile

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestFilesWithoutWeights(t *testing.T) {
	for name, want := range map[string]string{
		"module.pth":   "it calls \"torch.nn.modules.container.Sequential\", and loading it in Python would run that; refused. A file of a state_dict alone is wanted: torch.save(model.state_dict(), path)",
		"evil.pth":     `it calls "posix.system"`,
		"two.pth":      `it holds several dictionaries of tensors ("a", "b")`,
		"none.pth":     `it holds no tensors; its entries are "epoch"`,
		"script.pt":    "a TorchScript archive",
		"files.py":     "not a file of torch.save",
		"missing.pth":  "no such file",
		"../testdata/": "not a regular file",
	} {
		path := filepath.Join("testdata", name)
		if _, err := Open(path); err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: %v, want %q", name, err, want)
		}
	}
}

// TestCutShort cuts files everywhere.
func TestCutShort(t *testing.T) {
	for _, name := range []string{"plain.pth", "checkpoint-legacy.pth"} {
		data, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := readAll(data); err != nil {
			t.Fatal(err)
		}
		for n := range data {
			if _, err := readAll(data[:n]); err == nil {
				t.Errorf("%s: its first %d of %d bytes are read without an error", name, n, len(data))
			}
		}
	}
}

// TestDamage changes an element of a storage.
func TestDamage(t *testing.T) {
	data, err := os.ReadFile("testdata/every.pth")
	if err != nil {
		t.Fatal(err)
	}
	at := bytes.Index(data, []byte{0, 0, 0xc0, 0x3f, 0, 0, 0x80, 0xbe}) // 1.5, -0.25
	if at < 0 {
		t.Fatal("the elements are not where they were")
	}
	data[at]++
	if _, err := readAll(data); err == nil || !strings.Contains(err.Error(), `tensor "f32": its bytes do not give the sum`) {
		t.Errorf("%v", err)
	}
}

// intStorage is the storage of small by another type.
const intStorage = "(X\x07\x00\x00\x00storagectorch\nIntStorage\nX\x01\x00\x00\x000X\x03\x00\x00\x00cpuK\x04tQ"

// small is a pickle in the legacy framing, with one storage of four floats behind it.
func small(object string) []byte {
	storage := "(X\x07\x00\x00\x00storagectorch\nFloatStorage\nX\x01\x00\x00\x000X\x03\x00\x00\x00cpuK\x04tQ"
	keys := "."
	if strings.Contains(object, "STORAGE") {
		object, keys = strings.ReplaceAll(object, "STORAGE", storage), "X\x01\x00\x00\x000a."
	}
	return []byte("\x80\x02\x8a\n" + legacyMagic + ".\x80\x02M\xe9\x03.\x80\x02}.\x80\x02" + object + ".\x80\x02]" + keys +
		"\x04\x00\x00\x00\x00\x00\x00\x00" + "\x00\x00\x80\x3f\x00\x00\x00\x40\x00\x00\x40\x40\x00\x00\x80\x40")
}

// A file that a big-endian machine wrote says so before anything of it is read as a number.
func TestBigEndian(t *testing.T) {
	tensor := small(tensorOf("K\x00K\x02K\x02\x86K\x02K\x01\x86"))
	sizes := func(last string) []byte {
		system := "\x80\x02}(X\x10\x00\x00\x00protocol_versionM\xe9\x03X\x0d\x00\x00\x00little_endian" + last + "u."
		return bytes.Replace(tensor, []byte("\x80\x02}."), []byte(system), 1)
	}
	if _, err := readAll(sizes("\x88")); err != nil {
		t.Errorf("of a little-endian machine: %v", err)
	}
	if _, err := readAll(sizes("\x89")); err == nil || !strings.Contains(err.Error(), "it was written on a big-endian machine") {
		t.Errorf("of a big-endian machine: %v", err)
	}
}

// call of _rebuild_tensor_v2 with what follows the storage.
func tensorOf(rest string) string {
	return "}X\x01\x00\x00\x00wctorch._utils\n_rebuild_tensor_v2\n(STORAGE" + rest + "\x89NtRs"
}

func TestBadTensors(t *testing.T) {
	const huge = "\x8a\x08\xff\xff\xff\xff\xff\xff\xff\x7f" // 2⁶³-1
	for name, c := range map[string]struct{ object, want string }{
		"good":             {tensorOf("K\x00K\x02K\x02\x86K\x02K\x01\x86"), ""},
		"offset":           {tensorOf("K\x01K\x02K\x02\x86K\x02K\x01\x86"), "leaves its storage of 4 elements"},
		"offset beyond":    {tensorOf("K\x05K\x00\x85K\x01\x85"), "begins outside"},
		"negative offset":  {tensorOf("J\xff\xff\xff\xffK\x02\x85K\x01\x85"), "begins outside"},
		"huge offset":      {tensorOf(huge + "K\x02\x85K\x01\x85"), "begins outside"},
		"stride":           {tensorOf("K\x00K\x02K\x02\x86K\x03K\x01\x86"), "leaves its storage"},
		"negative stride":  {tensorOf("K\x00K\x02\x85J\xff\xff\xff\xff\x85"), "goes backwards"},
		"huge stride":      {tensorOf("K\x00K\x02\x85" + huge + "\x85"), "larger than any file"},
		"wrapped strides":  {tensorOf("K\x00K\x03K\x03\x86" + huge + huge + "\x86"), "larger than any file"},
		"repeated":         {tensorOf("K\x00K\x05\x85K\x00\x85"), "is more than its storage of 4 elements, which it repeats; save tensor.contiguous()"},
		"repeated for all": {tensorOf("K\x00" + huge + huge + "\x86K\x00K\x00\x86"), "larger than any file"},
		"far and empty":    {tensorOf("K\x00\x8a\x08\x00\x00\x00\x00\x00\x00\x00\x08K\x00\x86K\x01K\x01\x86"), ""},
		"negative shape":   {tensorOf("K\x00J\xff\xff\xff\xff\x85K\x01\x85"), "a tensor of shape [-1]"},
		"dimensions":       {tensorOf("K\x00K\x02\x85K\x02K\x01\x86"), "1 dimensions with 2 strides"},
		"no numbers":       {tensorOf("K\x00N\x85K\x01\x85"), "the shape of a tensor holds None"},
		"no shape":         {tensorOf("K\x00NK\x01\x85"), "the shape of a tensor is None"},
		"no storage":       {"}X\x01\x00\x00\x00wctorch._utils\n_rebuild_tensor_v2\n(NK\x00))tRs", "a tensor in None"},
		"few arguments":    {"ctorch._utils\n_rebuild_tensor_v2\n)R", "a tensor of 0 arguments"},
		"no arguments":     {"ctorch._utils\n_rebuild_tensor_v2\nNR", "the arguments are None"},
		"persistent":       {"NQ", "stands for no storage"},
		"empty stack":      {"R", "too few values"},
		"mark":             {"t", "no mark"},
		"key alone":        {"}(Nu", "a key without a value"},
		"not a dict":       {"](NNu", "is no dictionary"},
		"not a list":       {"}Na", "is no list"},
		"memo":             {"h\x05", "no value was put at 5"},
		"long frame":       {"\x95\xff\x00\x00\x00\x00\x00\x00\x00}", "cut short"},
		"no quotes":        {"}S'a\nNs", "without its quotes"},
		"escapes":          {"}S'\\x61'\nNs", "a text with escapes"},
		"other escapes":    {"}V\\u0061\nNs", "a text with escapes"},
		"quotes of a name": {"}V'a'\nNs", `its entries are "'a'"`},
		"two types":        {"}X\x01\x00\x00\x00wSTORAGE0" + strings.Replace(tensorOf("K\x00K\x02\x85K\x01\x85"), "STORAGE", intStorage, 1)[7:], "is a torch.FloatStorage and a torch.IntStorage"},
		"opcode":           {"\xff", "no opcode 0xff is known"},
		"long text":        {"X\xff\xff\xff\xff", "cut short"},
		"long bytes":       {"\x8e\xff\xff\xff\xff\xff\xff\xff\xff", "cut short"},
		"a number":         {"K\x01", "it holds a number"},
		"an array":         {"}X\x01\x00\x00\x00acnumpy._core.multiarray\n_reconstruct\n)Rs", "it holds arrays of NumPy"},
		"arrays within":    {"}X\x01\x00\x00\x00a}X\x01\x00\x00\x00bcnumpy.core.multiarray\n_reconstruct\n)Rss", "it holds arrays of NumPy"},
		"itself":           {"}q\x00X\x01\x00\x00\x00ah\x00s", "it holds no tensors"},
	} {
		_, err := readAll(small(c.object))
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}

// Elements of arrays of NumPy lie in the pickle, which is soon longer than one of tensors may be: that is no file cut short.
func TestLongArrays(t *testing.T) {
	long := make([]byte, maxPickle+8)
	size := len(long) - 4 // of a text that goes beyond
	copy(long, []byte{'X', byte(size), byte(size >> 8), byte(size >> 16), byte(size >> 24)})
	for name, want := range map[string]string{"numpy.core.multiarray\n_reconstruct": "it holds arrays of NumPy", "argparse\nNamespace": "cut short"} {
		_, err := unpickle(newInput(bytes.NewReader(append([]byte("c"+name+"\nq\x00"), long...)), 0, int64(maxPickle+64)), nil)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", name, err)
		}
	}
	// The bound may lie between two opcodes.
	const array = "cnumpy.core.multiarray\n_reconstruct\nq\x00"
	rest := maxPickle - len(array) - 5
	b := append([]byte(array), 'X', byte(rest), byte(rest>>8), byte(rest>>16), byte(rest>>24))
	b = append(b, make([]byte, rest+8)...)
	if _, err := unpickle(newInput(bytes.NewReader(b), 0, int64(len(b))), nil); err == nil || !strings.Contains(err.Error(), "it holds arrays of NumPy") {
		t.Errorf("between two opcodes: %v", err)
	}
}

// The sign of a tensor of PyTorch can be a bit beside its elements: it is told, and no value is read with the other sign.
func TestTurnedSigns(t *testing.T) {
	object := "}X\x01\x00\x00\x00wctorch._utils\n_rebuild_tensor_v2\n(STORAGEK\x00K\x02\x85K\x01\x85\x89N}X\x03\x00\x00\x00negVALUEstRs"
	for value, want := range map[string]int{"\x88": 1, "\x89": 0} {
		b := small(strings.Replace(object, "VALUE", value, 1))
		f, err := New("signs.pth", bytes.NewReader(b), int64(len(b)))
		if err != nil {
			t.Fatal(err)
		}
		if u := f.Unread(); len(u) != want || len(f.Names()) != 1-want || want == 1 && u["w"].Do != "tensor.resolve_neg()" {
			t.Errorf("%q: unread %v, read %v", value, u, f.Names())
		}
	}
}

// Every bit of the pickle in an archive counts: the sum of the bytes is kept there.
func TestDamagedPickle(t *testing.T) {
	whole, err := os.ReadFile(filepath.Join("testdata", "plain.pth"))
	if err != nil {
		t.Fatal(err)
	}
	at := bytes.Index(whole, []byte("_rebuild_tensor_v2"))
	for i := range 300 {
		b := bytes.Clone(whole)
		b[at+i] ^= 1 << (i % 8)
		if _, err := readAll(b); err == nil || !strings.Contains(err.Error(), "damaged") {
			t.Errorf("byte %d: %v", at+i, err)
		}
	}
}

// TestManyObjects gives a pickle that builds more than any state_dict.
func TestManyObjects(t *testing.T) {
	if _, err := readAll(small(strings.Repeat("}", maxObjects+1))); err == nil || !strings.Contains(err.Error(), "objects") {
		t.Errorf("%v", err)
	}
	if _, err := readAll(small("N" + strings.Repeat("\x94", maxObjects+1))); err == nil || !strings.Contains(err.Error(), "objects are remembered") {
		t.Error(err)
	}
	if _, err := readAll(small(strings.Repeat("(", maxObjects+1))); err == nil || !strings.Contains(err.Error(), "marks") {
		t.Errorf("%v", err)
	}
}

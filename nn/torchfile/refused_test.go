package torchfile

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"testing"
)

// TestRefusedBesideTensors gives files of PyTorch whose state_dict is whole, with something
// beside it that Python would run.
func TestRefusedBesideTensors(t *testing.T) {
	for name, class := range map[string]string{
		"beside-evil.pth":        "posix.system",
		"beside-evil-legacy.pth": "posix.system",
		"beside-evil-4.pth":      "posix.system",
		"beside-reached.pth":     "operator.attrgetter",
		"beside-settings.pth":    "__main__.Settings",
	} {
		path := filepath.Join("testdata", name)
		_, err := Open(path)
		want := fmt.Sprintf("it calls %q, and loading it in Python would run that; refused", class)
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: %v, want %q", name, err, want)
		}
	}
}

// TestRefusedCalls gives every opcode that calls something.
func TestRefusedCalls(t *testing.T) {
	const beside = "}X\x01\x00\x00\x00wctorch._utils\n_rebuild_tensor_v2\n(STORAGEK\x00K\x02\x85K\x01\x85\x89NtRsX\x01\x00\x00\x00x"
	for name, c := range map[string]struct{ value, class string }{
		"reduce":           {"cos\nsystem\nX\x01\x00\x00\x00a\x85R", "os.system"},
		"reduce, dropped":  {"cos\nsystem\n)R0N", "os.system"},
		"new object":       {"cos\nsystem\n)\x81", "os.system"},
		"named arguments":  {"cos\nsystem\n)}\x92", "os.system"},
		"object":           {"(cos\nsystem\no", "os.system"},
		"legacy module":    {"(X\x06\x00\x00\x00modulectorchvision.models.resnet\nResNet\nX\x01\x00\x00\x00aX\x01\x00\x00\x00btQ", "torchvision.models.resnet.ResNet"},
		"instance":         {"(ios\nsystem\n", "os.system"},
		"name of stack":    {"X\x02\x00\x00\x00osX\x06\x00\x00\x00system\x93)R", "os.system"},
		"attributes":       {"cjson\ndumps\n}b", "json.dumps"},
		"outside of names": {"cargparse\nNamespace.__init__\n)R", "argparse.Namespace.__init__"},
		"old objects":      {"ccopy_reg\n_reconstructor\ncos\nPath\nc__builtin__\nobject\nN\x87R", "os.Path"},
		"of an old base":   {"ccopy_reg\n_reconstructor\ncargparse\nNamespace\ncsubprocess\nPopen\nX\x01\x00\x00\x00a\x87R", "subprocess.Popen"},
		"tensor by others": {"ctorch._tensor\n_rebuild_from_type_v2\n(cos\nsystem\nctorch\nTensor\n)NtR", "os.system"},
		"tensor of others": {"ctorch._tensor\n_rebuild_from_type_v2\n(ctorch._utils\n_rebuild_tensor_v2\ncos\nsystem\n)NtR", "os.system"},
		"what was called":  {"cargparse\nNamespace\n)R)R", "an object of argparse.Namespace"},
		"a dictionary":     {"})R", "a dictionary of 0"},
		"other letters":    {"cargparse\nnamespace\n)R", "argparse.namespace"},
		"nested pickle":    {"ctorch.storage\n_load_from_bytes\nC\x01a\x85R", "torch.storage._load_from_bytes"},
	} {
		_, err := readAll(small(beside + c.value + "s"))
		if err == nil || !strings.Contains(err.Error(), fmt.Sprintf("it calls %q,", c.class)) {
			t.Errorf("%s: %v, want %q", name, err, c.class)
		}
	}
	for name, value := range map[string]string{
		"a name alone": "cos\nsystem\n",
		"settings":     "cargparse\nNamespace\n)\x81}X\x01\x00\x00\x00aK\x01sb",
		"old settings": "ccopy_reg\n_reconstructor\ncargparse\nNamespace\nc__builtin__\nobject\nN\x87R}b",
	} {
		if list, err := readAll(small(beside + value + "s")); err != nil || len(list) != 1 || list[0].At(1) != 2 {
			t.Errorf("%s: %v, %v", name, list, err)
		}
	}
}

// entry is one of an archive.
type entry struct {
	name, data string
	method     uint16
}

// entriesOfPlain are those of plain.pth.
func entriesOfPlain(t *testing.T) []entry {
	t.Helper()
	archive, err := zip.OpenReader("testdata/plain.pth")
	if err != nil {
		t.Fatal(err)
	}
	defer archive.Close()
	var list []entry
	for _, e := range archive.File {
		r, err := e.Open()
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, entry{e.Name, string(data), zip.Store})
	}
	return list
}

func zipped(t *testing.T, entries []entry) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, e := range entries {
		f, err := w.CreateHeader(&zip.FileHeader{Name: e.name, Method: e.method})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(f, e.data); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// directory finds the directory's record of an entry: its numbers lie at fixed places before the name.
func directory(t *testing.T, data []byte, name string) []byte {
	t.Helper()
	at := bytes.LastIndex(data, []byte(name)) - 46
	if at < 0 || string(data[at:at+4]) != "PK\x01\x02" {
		t.Fatalf("%s is not in the directory", name)
	}
	return data[at : at+46]
}

// TestHostileArchives changes an archive of PyTorch in ways in which PyTorch writes none.
func TestHostileArchives(t *testing.T) {
	plain := entriesOfPlain(t)
	find := func(suffix string) int {
		for i, e := range plain {
			if strings.HasSuffix(e.name, suffix) {
				return i
			}
		}
		t.Fatalf("no entry %s", suffix)
		return 0
	}
	first, second := plain[find("data/0")], plain[find("data/1")]
	changed := func(suffix string, change func(*entry)) []byte {
		list := append([]entry(nil), plain...)
		change(&list[find(suffix)])
		return zipped(t, list)
	}
	patched := func(name string, change func(record []byte)) []byte {
		data := zipped(t, plain)
		change(directory(t, data, name))
		return data
	}
	for name, c := range map[string]struct {
		data []byte
		want string
	}{
		"as it was":        {zipped(t, plain), ""},
		"other files":      {zipped(t, append([]entry{{"plain/notes.txt", "x", zip.Store}}, plain...)), ""},
		"twice":            {zipped(t, append([]entry{{first.name, first.data, zip.Store}}, plain...)), "is there twice"},
		"two pickles":      {zipped(t, append([]entry{{plain[find("data.pkl")].name, "\x80\x02}.", zip.Store}}, plain...)), "is there twice"},
		"compressed":       {changed("data/0", func(e *entry) { e.method = zip.Deflate }), "is compressed"},
		"a packed pickle":  {changed("data.pkl", func(e *entry) { e.method = zip.Deflate }), "is compressed"},
		"outside":          {zipped(t, append([]entry{{"../../etc/passwd", "x", zip.Store}}, plain...)), "has a name outside of the archive"},
		"absolute":         {zipped(t, append([]entry{{"/etc/passwd", "x", zip.Store}}, plain...)), "has a name outside of the archive"},
		"of Windows":       {zipped(t, append([]entry{{`a\..\b`, "x", zip.Store}}, plain...)), "has a name outside of the archive"},
		"big":              {changed("byteorder", func(e *entry) { e.data = "big" }), "begin with the highest byte"},
		"an odd order":     {changed("byteorder", func(e *entry) { e.data = "middle" }), `byteorder is "middle"`},
		"short storage":    {changed("data/0", func(e *entry) { e.data = e.data[4:] }), "want 18 elements of F32"},
		"long storage":     {changed("data/0", func(e *entry) { e.data += "abcd" }), "want 18 elements of F32"},
		"ragged storage":   {changed("data/0", func(e *entry) { e.data += "a" }), "want 18 elements of F32"},
		"no storage":       {changed("data/0", func(e *entry) { e.name += "x" }), `its storage "0" is not in the file`},
		"declared larger":  {patched(first.name, func(r []byte) { r[20]++ }), "is compressed"},
		"both larger":      {patched(first.name, func(r []byte) { r[22]++; r[26]++ }), "leaves the file"},
		"the next's bytes": {patched(first.name, func(r []byte) { r[20] += 100; r[24] += 100 }), "overlap"},
		"the same bytes": {patched(second.name, func(r []byte) {
			copy(r[42:46], directory(t, zipped(t, plain), first.name)[42:46])
		}), "overlap"},
		"no header":         {patched(first.name, func(r []byte) { r[42]++ }), "not a valid zip file"},
		"behind the file":   {patched(first.name, func(r []byte) { binary.LittleEndian.PutUint32(r[42:], 1<<30) }), "torchfile: test.pth:"},
		"a damaged storage": {patched(first.name, func(r []byte) { r[16]++ }), "do not give the sum"},
	} {
		_, err := readAll(c.data)
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}

// TestLongDirectory gives an archive whose directory alone would take a lot of memory.
func TestLongDirectory(t *testing.T) {
	name := strings.Repeat("n", 60000)
	var list []entry
	for i := range maxDirectory/len(name) + 1 {
		list = append(list, entry{fmt.Sprint(name, i), "", zip.Store})
	}
	if _, err := readAll(zipped(t, list)); err == nil || !strings.Contains(err.Error(), "the directory of the archive has more than") {
		t.Errorf("%v", err)
	}
}

// TestSharedStorage gives tensors that share one storage: a few may, and many are a trap.
func TestSharedStorage(t *testing.T) {
	const elements = 10000
	archive := func(views int) []byte {
		pickle := "\x80\x02(X\x07\x00\x00\x00storagectorch\nFloatStorage\nX\x01\x00\x00\x000X\x03\x00\x00\x00cpuM\x10'tQq\x000}"
		for i := range views {
			pickle += fmt.Sprintf("X\x01\x00\x00\x00%cctorch._utils\n_rebuild_tensor_v2\n(h\x00K\x00M\x10'\x85K\x01\x85\x89NtRs", 'A'+byte(i))
		}
		return zipped(t, []entry{{"x/data.pkl", pickle + ".", zip.Store}, {"x/data/0", strings.Repeat("\x00", 4*elements), zip.Store}})
	}
	if list, err := readAll(archive(2)); err != nil || len(list) != 2 || list[1].Len() != elements {
		t.Errorf("%d tensors, %v", len(list), err)
	}
	if _, err := readAll(archive(40)); err == nil || !strings.Contains(err.Error(), "they share storages over and over") {
		t.Errorf("%v", err)
	}
}

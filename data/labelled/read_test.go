package labelled

import (
	"bytes"
	"compress/gzip"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"
)

func TestFormats(t *testing.T) {
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	_, _ = z.Write([]byte("label,sentence\n1,good\n0,bad\n"))
	_ = z.Close()
	zst, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, data string
		opt        Options
	}{
		{"a.csv", "label,sentence\n1,good\n0,bad\n", Options{}},
		{"a.csv", "\ufeffid,Review,Sentiment\n7,good,1\n8,bad,0\n", Options{}},
		{"a.csv", "id,words,stars\n7,good,1\n8,bad,0\n", Options{Text: "words", Label: "stars"}},
		{"a.csv", "id,words,label\n7,good,1\n8,bad,0\n", Options{Text: "2", Label: "3"}},
		{"a.csv", "1,good\n0,bad\n", Options{}},
		{"a.csv.gz", packed.String(), Options{}},
		{"A.CSV.ZST", string(zst.EncodeAll([]byte("\ufefflabel,sentence\n1,good\n0,bad\n"), nil)), Options{}},
		{"a.tsv", "good\t1\n\nbad\t0\n", Options{}},
		{"a.txt", "good\t1\r\nbad\t0", Options{}},
		{"a.tsv", "1\t9\t0\tgood\n0\t2\t1\tbad\n", Options{Text: "4", Label: "1"}},
		{"a.jsonl", `{"text":"good","label":1}` + "\n" + `{"text":"bad","label":"0"}`, Options{}},
		{"a.json", `{"t":"good","l":true}` + "\n" + `{"t":"bad","l":false}`, Options{Text: "t", Label: "l"}},
		{"a.jsonl", `{"r":{"t.x":"good"},"l":{"s":{"n":1}}}` + "\n" + `{"r":{"t.x":"bad"},"l":{"s":{"n":0}}}`, Options{Text: "r.t.x", Label: "l.s.n"}},
		{"a.csv", "label,sentence\n1,good\n0,bad\n1,more\n", Options{Most: 2}},
		{"a.csv", "label,sentence\n1.0,good\n0.0,bad\n", Options{}},
		{"a.tsv", "good\t1.0\nbad\t0.0\n", Options{}},
		{"a.jsonl", `{"text":"good","label":1.0}` + "\n" + `{"text":"bad","label":"0.0"}`, Options{}},
	} {
		got, err := Decode(c.name, strings.NewReader(c.data), c.opt)
		if err != nil {
			t.Errorf("%s %q: %v", c.name, c.data, err)
			continue
		}
		if !slices.Equal(got.Texts, []string{"good", "bad"}) || !slices.Equal(got.Positive, []bool{true, false}) {
			t.Errorf("%s %q: got %v", c.name, c.data, got)
		}
	}
}

// A text in the last column keeps its tabs.
func TestTabsInText(t *testing.T) {
	for file, opt := range map[string]Options{
		"0\tbad\n1\tgood\tindeed\n":         {Text: "2", Label: "1"},
		"label\ttext\n1\tgood\tindeed\n":    {},
		"text\tlabel\n1\tgood\tindeed\n":    {Text: "label", Label: "text"},
		"0\tbad\n1\tgood\tindeed\n0\tbad\n": {Most: 2},
	} {
		got, err := Decode("a.tsv", strings.NewReader(file), opt)
		if err != nil || got.Texts[len(got.Texts)-1] != "good\tindeed" {
			t.Errorf("%q: got %v, %v", file, got, err)
		}
	}
}

func gzipped(text string) string {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, _ = z.Write([]byte(text)) // into memory
	_ = z.Close()
	return b.String()
}

func TestBad(t *testing.T) {
	for _, c := range []struct {
		name, data string
		opt        Options
		want       string
	}{
		{"a.csv", "", Options{}, "a.csv: no text in it"},
		{"a.csv", "label,sentence\n", Options{}, "a.csv: no text in it"},
		{"a.csv", "label,sentence\n2,good\n", Options{}, `a.csv:2: the label is "2"; 0 or 1 is wanted`},
		{"a.csv", "1,a,b\n", Options{}, "a.csv:1: which of the 3 columns hold the text and the label is not plain; name both, or give their numbers"},
		{"a.csv", "label,sentence\n1\n", Options{}, "a.csv:2: 1 columns; column 2 is wanted"},
		{"a.csv", "label,sentence\n1,a\n", Options{Text: "words"}, `a.csv:1: no column "words" for the text; there are label, sentence`},
		{"a.csv", "1,a\n", Options{Text: "3", Label: "1"}, "a.csv:1: no column 3 for the text; there are 2, from 1 on"},
		{"a.csv", "label,sentence\n1,\"a\n", Options{}, `a.csv:2: column 6: extraneous or missing " in quoted-field`},
		{"a.jsonl", "1\n", Options{}, "a.jsonl:1: not a JSON object: json: cannot unmarshal number into Go value of type map[string]json.RawMessage"},
		{"a.json", "\n[{\"text\":\"a\"},\n", Options{}, "a.json:2: the file is a list of JSON; an object a line is wanted, as jq -c '.[]' FILE writes them"},
		{"a.json", "{\n\"text\":\"a\"\n}", Options{}, "a.json:1: an object of JSON over several lines; an object a line is wanted, as jq -c . FILE writes them"},
		{"a.csv", "label,text\n0,a\n1,a, b\n", Options{}, "a.csv:3: 3 columns, and the first row has 2; is a text not quoted, or a tab in it?"},
		{"a.csv", "1,0,a,b\n0,1,a\n", Options{Text: "3", Label: "1"}, "a.csv:2: 3 columns, and the first row has 4; is a text not quoted, or a tab in it?"},
		{"a.tsv", "text\tlabel\ta\na\t1\nb\t1\tx\ty\n", Options{}, "a.tsv:3: 4 columns, and the first row has 3; is a text not quoted, or a tab in it?"},
		{"a.jsonl", `{"text":1,"label":1}`, Options{}, "a.jsonl:1: the text is 1; a string is wanted"},
		{"a.jsonl", `{"r":{"t":"a"},"l":1}`, Options{Text: "r.x"}, "a.jsonl:1: no text under x; the object has t"},
		{"a.jsonl", `{"text":"a"}`, Options{}, "a.jsonl:1: no label under label, sentiment, class, polarity; the object has text"},
		{"a.jsonl", `{"text":"a","label":3}`, Options{}, `a.jsonl:1: the label is "3"; 0 or 1 is wanted`},
		{"a.tsv", "\x1f\x8b\x00", Options{}, "a.tsv: packed by gzip, and damaged: "},
		{"a.csv", gzipped("label,text\n" + strings.Repeat("1,a\n0,b\n", 999))[:25], Options{}, "a.csv:1: packed by gzip, and damaged: unexpected EOF"},
		{"a.tsv", gzipped("1\ta\n")[:14], Options{}, "a.tsv:1: packed by gzip, and damaged: unexpected EOF"},
		{"a.tsv.zst", "\x28\xb5\x2f\xfdxxxx", Options{}, "a.tsv.zst:1: packed by zstd, and damaged: "},
		{"a.tsv.xz", "\xfd7zXZ", Options{}, "a.tsv.xz: packed by xz; unpack it (xz -d), or pack it by gzip, bzip2 or zstd"},
	} {
		_, err := Decode(c.name, strings.NewReader(c.data), c.opt)
		if err == nil || !strings.HasPrefix(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%q: got %v, want %s", c.data, err, c.want)
		}
	}
	if _, err := Read(t.TempDir(), Options{}); err == nil {
		t.Error("a directory was read")
	}
}

// endless is one letter after another.
type endless struct{}

func (endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 'a'
	}
	return len(p), nil
}

// What would take all memory is refused, by the line.
func TestLimits(t *testing.T) {
	for _, c := range []struct{ name, begins, want string }{
		{"a.csv", "label,text\n0,bad\n1,\"a", "a.csv:3: a row of more than 64 MiB: is a quote not closed?"},
		{"a.tsv", "0\tbad\n1\ta", "a.tsv:2: a row of more than 64 MiB"},
		{"a.jsonl", `{"text":"a`, "a.jsonl:1: a row of more than 64 MiB"},
	} {
		if _, err := Decode(c.name, io.MultiReader(strings.NewReader(c.begins), endless{}), Options{}); err == nil || err.Error() != c.want {
			t.Errorf("got %v, want %s", err, c.want)
		}
	}
	rows := "1\t" + strings.Repeat("a", 1<<20) + "\n0\tb\n"
	if got, err := decode("a.tsv", strings.NewReader(rows), Options{}, 1<<20+1); err != nil || len(got.Texts) != 2 {
		t.Errorf("a text of the most bytes: %v", err)
	}
	if _, err := decode("a.tsv", strings.NewReader(rows), Options{}, 1<<20); err == nil || err.Error() != "a.tsv:2: more than 1 MiB of text; read fewer texts" {
		t.Error(err)
	}
}

func FuzzDecode(f *testing.F) {
	f.Add("a.csv", "label,sentence\n1,good\n", "", "")
	f.Add("a.tsv", "1\t9\t0\tgood\n", "4", "1")
	f.Add("a.jsonl", `{"text":"good","label":true}`, "", "")
	f.Add("a.bz2", "BZh91AY", "", "")
	f.Add("a.zst", "\x28\xb5\x2f\xfd\x04\x00", "", "")
	f.Fuzz(func(t *testing.T, name, data, text, label string) {
		got, err := Decode(name, strings.NewReader(data), Options{Text: text, Label: label, Most: 100})
		if err == nil && (len(got.Texts) == 0 || len(got.Texts) != len(got.Positive)) {
			t.Fatalf("%d texts, %d labels", len(got.Texts), len(got.Positive))
		}
	})
}

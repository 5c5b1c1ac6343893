package cutting

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rondo-ml/rondo/data/samples"
)

// texts are the samples of a set of texts: text=class.
func texts(t *testing.T, dir string) (train, valid []string) {
	t.Helper()
	trained, held, schema := all(t, dir)
	names := schema.Parts[1].Classes
	for _, s := range trained {
		train = append(train, string(s[0].Data)+"="+names[s[1].Int32s()[0]])
	}
	for _, s := range held {
		valid = append(valid, string(s[0].Data)+"="+names[s[1].Int32s()[0]])
	}
	return train, valid
}

func TestTable(t *testing.T) {
	for _, c := range []struct {
		name, content string
		text, class   string
		want          string
	}{
		{"a.csv", "label,sentence\r\n0,\"A \"\"bad\"\" film,\nin two lines\"\r\n10,Fine\r\n2,Good\r\n", "sentence", "label", "[A \"bad\" film,\nin two lines=0 Fine=10 Good=2]"},
		{"b.csv", "x,1\ny,2\n", "1", "2", "[x=1 y=2]"},
		{"c.txt", "He said \"no\"  \t0\n\nYes, \tyes\n", "1", "2", "[He said \"no\"=0 Yes,=yes]"},
		{"d.tsv", "1\t9\tid\ta text\twith tabs\n0\t2\tid\tb\n", "4", "1", "[a text\twith tabs=1 b=0]"},
		{"e.tsv", "\ufefftext\tclass\tmore\na\tb\tc\n", "text", "class", "[a=b]"},
		{"f.tsv.gz", string(gzipOf([]byte("a\tb\n"))), "1", "2", "[a=b]"},
	} {
		dir := t.TempDir()
		out := filepath.Join(dir, "out")
		put(t, filepath.Join(dir, "in", c.name), []byte(c.content))
		if _, err := Table(TableOptions{Options: Options{Out: out}, Text: c.text, Class: c.class}, []string{filepath.Join(dir, "in")}); err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if train, _ := texts(t, out); fmt.Sprint(train) != c.want {
			t.Errorf("%s: %q, want %q", c.name, train, c.want)
		}
	}
}

func TestTableHeldOut(t *testing.T) {
	dir := t.TempDir()
	out := filepath.Join(dir, "out")
	train, valid := filepath.Join(dir, "train.csv"), filepath.Join(dir, "valid.csv")
	put(t, train, []byte("a,bad\nb,good\nc,mixed\n"))
	put(t, valid, []byte("d,mixed\n"))
	opts := TableOptions{Options: Options{Out: out, HeldOut: []string{valid}}, Text: "1", Class: "2"}
	if _, err := Table(opts, []string{train}); err != nil {
		t.Fatal(err)
	}
	if a, b := texts(t, out); fmt.Sprint(a, b) != "[a=bad b=good c=mixed] [d=mixed]" {
		t.Errorf("%v %v", a, b)
	}
	put(t, valid, []byte("d,other\n"))
	opts.Overwrite = true
	if _, err := Table(opts, []string{train}); err == nil || !strings.Contains(err.Error(), "class other") {
		t.Errorf("a held-out class without training data: %v", err)
	}
}

func TestTableRefuses(t *testing.T) {
	for _, c := range []struct {
		name, content string
		text, class   string
		want          string
	}{
		{"a.csv", "a,b\n", "x", "y", `a.csv:1: no column "x", only a, b`},
		{"a.csv", "a,b\n", "1", "x", "want names, or numbers"},
		{"a.csv", "a,b\n", "0", "1", "want names, or numbers"},
		{"a.csv", "a,b\n", "1", "1", "for two things"},
		{"a.csv", "a,b\n", "", "1", "--text"},
		{"a.csv", "a,b\n\"c,d\n", "1", "2", "a.csv:2: column"},
		{"a.csv", "", "1", "2", "no samples"},
		{"a.csv.gz", string(gzipOf([]byte("a,b\n"))[:12]), "1", "2", "a.csv.gz"},
		{"a.csv.bz2", "BZh9 and then nonsense", "1", "2", "bzip2"},
	} {
		dir := t.TempDir()
		out := filepath.Join(dir, "out")
		put(t, filepath.Join(dir, c.name), []byte(c.content))
		_, err := Table(TableOptions{Options: Options{Out: out}, Text: c.text, Class: c.class}, []string{dir})
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s %q: %v, want %q", c.name, c.content, err, c.want)
		}
		wantNothing(t, c.name, out)
	}
}

// Rows that cannot be taken are all named, with file and line.
func TestTableRows(t *testing.T) {
	dir := t.TempDir()
	out := filepath.Join(dir, "out")
	put(t, filepath.Join(dir, "a.tsv"), []byte("good\t1\nalone\n\xff\t1\n\t1\nno class\t\nzero\x00\t0\ntoo\tmany\t1\n"))
	_, err := Table(TableOptions{Options: Options{Out: out}, Text: "1", Class: "2"}, []string{dir})
	var unread *UnreadableError
	if !errors.As(err, &unread) || len(unread.List) != 6 {
		t.Fatal(err)
	}
	for i, want := range []string{"a.tsv:2: unreadable: 1 columns, and column 2 is wanted", "a.tsv:3: unreadable: not UTF-8", "a.tsv:4: unreadable: its text is empty",
		"a.tsv:5: unreadable: its class is empty", "a.tsv:6: unreadable: a zero byte",
		"a.tsv:7: unreadable: 3 columns, and the first row has 2; is a text not quoted, or a tab in it?"} {
		if got := unread.List[i].Error(); !strings.Contains(got, want) {
			t.Errorf("%s, want %q", got, want)
		}
	}
	sum, err := Table(TableOptions{Options: Options{Out: out, SkipUnreadable: true}, Text: "1", Class: "2"}, []string{dir})
	if err != nil || sum.Train.Samples != 1 || fmt.Sprint(sum.Classes) != "[1]" {
		t.Errorf("%+v, %v", sum, err)
	}
}

// Words are numbered by how often the training set has them, and stand in both sets.
func TestTableVocabulary(t *testing.T) {
	dir := t.TempDir()
	out := filepath.Join(dir, "out")
	train, valid := filepath.Join(dir, "train.tsv"), filepath.Join(dir, "valid.tsv")
	put(t, train, []byte("Big cats like small cats.\t1\nCats, big cats!\t0\n"))
	put(t, valid, []byte("Dogs dogs dogs like CATS\t1\n"))
	opts := TableOptions{Options: Options{Out: out, HeldOut: []string{valid}}, Text: "1", Class: "2", Vocabulary: 3}
	if _, err := Table(opts, []string{train}); err != nil {
		t.Fatal(err)
	}
	trained, held, schema := all(t, out)
	at := schema.Part("words")
	if at != 1 || fmt.Sprint(schema.Parts[at].Classes) != "[<unknown> cats big !]" {
		t.Fatalf("%+v", schema)
	}
	if got := fmt.Sprint(trained[0][at].Int32s(), trained[1][at].Int32s(), held[0][at].Int32s()); got != "[2 1 0 0 1 0] [1 0 2 1 3] [0 0 0 0 1]" {
		t.Error(got)
	}
	// A fraction that is held out counts no words either.
	text := "a\t0\n"
	for i := range 100 {
		text += fmt.Sprintf("only%d\t0\n", i)
	}
	put(t, train, []byte(text))
	opts.HeldOut, opts.Valid, opts.Vocabulary, opts.Overwrite = nil, 0.3, 1000, true
	sum, err := Table(opts, []string{train})
	if err != nil {
		t.Fatal(err)
	}
	if set, err := samples.Open(sum.Train.Dir); err != nil || int64(len(set.Schema().Parts[at].Classes)) != sum.Train.Samples+1 {
		t.Errorf("%d samples, schema %+v, %v", sum.Train.Samples, set.Schema(), err)
	}
	for _, n := range []int{-1, mostWords + 1} {
		if _, err := Table(TableOptions{Options: Options{Out: t.TempDir()}, Text: "1", Class: "2", Vocabulary: n}, []string{train}); err == nil || !strings.Contains(err.Error(), "--vocabulary") {
			t.Errorf("%d words: %v", n, err)
		}
	}
}

func TestTableColumnNames(t *testing.T) {
	for _, c := range []struct{ content, want string }{
		{"x,label\n1,a\n?,b\n", `column x: "?" is not a number`},
		{"x,label,x\n1,a,2\n", `two columns are called "x"`},
		{"\xff\xfex\x00,\x00", "in.csv: UTF-16, by its byte order mark; convert it"},
	} {
		dir := t.TempDir()
		put(t, filepath.Join(dir, "in.csv"), []byte(c.content))
		_, err := Table(TableOptions{Options: Options{Out: filepath.Join(dir, "out")}, Values: []string{"x"}, Class: "label"}, []string{filepath.Join(dir, "in.csv")})
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: %v, want %q", c.content, err, c.want)
		}
	}
}

// The names of sixty thousand classes have more than a MiB.
func TestTableManyClasses(t *testing.T) {
	dir := t.TempDir()
	var b strings.Builder
	const n = 60_000
	for i := range n {
		fmt.Fprintf(&b, "%d,class-number-%d\n", i, i)
	}
	put(t, filepath.Join(dir, "in.csv"), []byte(b.String()))
	opts := TableOptions{Options: Options{Out: filepath.Join(dir, "out")}, Values: []string{"1"}, Class: "2"}
	if sum, err := Table(opts, []string{filepath.Join(dir, "in.csv")}); err != nil || len(sum.Classes) != n {
		t.Fatal(len(sum.Classes), err)
	}
	set, err := samples.Open(filepath.Join(opts.Out, "train"))
	if err != nil || set.Len() != n || len(set.Schema().Parts[1].Classes) != n {
		t.Error(err)
	}
}

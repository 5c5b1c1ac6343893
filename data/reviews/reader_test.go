package reviews

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
)

// readAll reads a file: a review or an error a row, and the error that ended it, if any.
func readAll(format Format, field, file string) (got []string) {
	r, err := NewReader(strings.NewReader(file), format, field)
	if err != nil {
		return []string{"new: " + err.Error()}
	}
	for {
		row, err := r.Next()
		if err == io.EOF {
			return got
		}
		if err != nil {
			return append(got, fmt.Sprintf("end at %d: %v", row.Line, err))
		}
		text, err := r.Text(row)
		if err != nil {
			text = "error: " + err.Error()
		}
		got = append(got, fmt.Sprintf("%d %s", row.Line, text))
	}
}

func TestReader(t *testing.T) {
	for _, c := range []struct {
		name   string
		format Format
		field  string
		file   string
		want   []string
	}{
		{"lines", Lines, "", "good\n\nb\tad\r\nlast", []string{"1 good", "2 ", "3 b\tad", "4 last"}},
		{"bytes", Lines, "", "a\xff\na\x00b\nc", []string{"1 error: not UTF-8; convert the file (iconv -t UTF-8)", "2 error: a zero byte in its text", "3 c"}},
		{"tabs", Tabs, "2", "1\tbad\n\n2\n3\tgood\tand", []string{"1 bad", "2 ", "3 error: 1 columns, and column 2 is wanted", "4 good\tand"}},
		{"a label behind", Tabs, "1", "good\t1\nbad\t0\nb\tad\t0\nx\n", []string{"1 good", "2 bad", "3 error: 3 columns, and the first row has 2; is a tab in a text?",
			"4 error: 1 columns, and the first row has 2; is a tab in a text?"}},
		{"tabs by name", Tabs, "text", "id\ttext\tx\n1\tgood\tand\n", []string{"2 good"}},
		{"tabs in the last column", Tabs, "text", "id\ttext\n1\tgood\tand\n2\tbad\n", []string{"2 good\tand", "3 bad"}},
		{"tabs before the last column", Tabs, "text", "text\tid\ngo\tod\t1\nbad\t2\n", []string{"2 error: 3 columns, and the first row has 2; is a tab in a text?", "3 bad"}},
		{"commas without quotes", Commas, "text", "label,text,more\n1,hello\n1,a, b, c\n0,bye,x\n", []string{"2 hello", "3 error: 4 columns, and the first row has 3; is a text not quoted?", "4 bye"}},
		{"commas without quotes, by number", Commas, "1", "a,1\nb,c,2\nd\n", []string{"1 a", "2 error: 3 columns, and the first row has 2; is a text not quoted?", "3 error: 1 columns, and the first row has 2; is a text not quoted?"}},
		{"names, by number", Commas, "2", "label,text\n1,hello\n", []string{"2 hello"}},
		{"names of tabs, by number", Tabs, "2", "\n Label\tbody\n1\thello\nlabel\ttext\n", []string{"1 ", "3 hello", "4 text"}},
		{"a list of objects", JSON, "t", "\n[{\"t\":\"a\"}]\n", []string{"1 ", "end at 2: the file is a list of JSON; an object a line is wanted, as jq -c '.[]' FILE writes them"}},
		{"an object over lines", JSON, "t", "{\n\"t\":\"a\"}\n", []string{"end at 1: an object of JSON over several lines; an object a line is wanted, as jq -c . FILE writes them"}},
		{"no such name", Tabs, "txt", "id\ttext\n", []string{`end at 1: no column "txt" in the first row, which has "id", "text"`}},
		{"commas", Commas, "2", "1,\"go\"\"od\n,\"\n2\n3,bad\n", []string{"1 go\"od\n,", "3 error: 1 columns, and column 2 is wanted", "4 bad"}},
		{"commas by name", Commas, "text", "id,text\n1,good\n2,b\"ad\n3,fine\n", []string{"2 good", `3 error: column 4: bare " in non-quoted-field`, "4 fine"}},
		{"a quote that is open", Commas, "1", "a\n\"b\nc\n", []string{"1 a", `2 error: column 3: extraneous or missing " in quoted-field`}},
		{"objects", JSON, "text", `{"text":"go\nod","n":1}` + "\n\n" + `{"text":null}` + "\n" + `{"text":3}` + "\n{}\n[]\n{\n" + `{"text":"\ud83d\ude00"}`, []string{
			"1 go\nod", "2 ", "3 ", `4 error: its field "text" is no text`, `5 error: no field "text"`,
			"6 error: not an object of JSON: json: cannot unmarshal array into Go value of type map[string]json.RawMessage",
			"7 error: not an object of JSON: unexpected end of JSON input", "8 😀"}},
		{"members", JSON, "review.body", `{"review":{"body":"good"}}` + "\n" + `{"review.body":"flat"}` + "\n" + `{"review":{}}` + "\n" + `{"review":1}`, []string{
			"1 good", "2 flat", `3 error: no field "review.body"`,
			"4 error: not an object of JSON: json: cannot unmarshal number into Go value of type map[string]json.RawMessage"}},
		{"no field", JSON, "", "", []string{"new: jsonl: which column or field is the review?"}},
		{"column 0", Tabs, "0", "", []string{"new: column 0: columns count from 1 to 65536"}},
		{"a field of a line", Lines, "2", "", []string{`new: a line of a text is a review and has no part "2"; is it of another format, such as tsv?`}},
		{"no format", "xml", "", "", []string{`new: format "xml": text, tsv, csv or jsonl is wanted`}},
	} {
		if got := readAll(c.format, c.field, c.file); fmt.Sprint(got) != fmt.Sprint(c.want) {
			t.Errorf("%s:\n%q\nwant\n%q", c.name, got, c.want)
		}
	}
}

// endless gives bytes without an end.
type endless byte

func (e endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = byte(e)
	}
	return len(p), nil
}

func TestRowsAreBounded(t *testing.T) {
	for format, front := range map[Format]string{Lines: "", Tabs: "", JSON: "", Commas: `"`} {
		r, err := NewReader(io.MultiReader(strings.NewReader(front), endless('a')), format, map[Format]string{Tabs: "1", JSON: "a", Commas: "1"}[format])
		if err != nil {
			t.Fatal(err)
		}
		if _, err := r.Next(); !errors.Is(err, errLongRow) {
			t.Errorf("%s: %v", format, err)
		}
	}
}

func TestFormatOf(t *testing.T) {
	for path, want := range map[string]Format{"a.txt": Lines, "x/A.TSV.BZ2": Tabs, "a.csv.gz": Commas, "a.json": JSON, "a.ndjson.gz": JSON, "a": "", "a.gz": "", "a.zst": ""} {
		if got := FormatOf(path); got != want {
			t.Errorf("%s: %q, want %q", path, got, want)
		}
	}
}

func FuzzReader(f *testing.F) {
	f.Add("id,text\n1,\"a\nb\"\n", 2, "text")
	f.Add(`{"a":{"b":"x"}}`, 3, "a.b")
	f.Add("a\tb\n", 1, "2")
	f.Add("a\r\nb", 0, "")
	f.Fuzz(func(t *testing.T, file string, format int, field string) {
		formats := []Format{Lines, Tabs, Commas, JSON}
		for _, row := range readAll(formats[uint(format)%4], field, file) {
			if len(row) > len(file)+1000+6*len(field) {
				t.Errorf("%q of a file of %d bytes", row, len(file))
			}
		}
	})
}

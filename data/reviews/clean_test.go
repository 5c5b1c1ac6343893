package reviews

import (
	"encoding/json"
	"os"
	"strings"
	"testing"
	"unicode/utf8"
)

type reference struct {
	Python                     string
	Unescape, Paper, Unidecode [][2]string
}

func readReference(t testing.TB) (ref reference) {
	t.Helper()
	b, err := os.ReadFile("testdata/clean.json")
	if err == nil {
		err = json.Unmarshal(b, &ref)
	}
	if err != nil || len(ref.Unescape) < 3000 || len(ref.Paper) < 300 || len(ref.Unidecode) < 400 {
		t.Fatalf("%d, %d and %d values, %v", len(ref.Unescape), len(ref.Paper), len(ref.Unidecode), err)
	}
	return ref
}

func TestCleaningAgainstPython(t *testing.T) {
	ref := readReference(t)
	for _, c := range ref.Unescape {
		if got := Unescape(c[0]); got != c[1] {
			t.Errorf("Unescape(%q) = %q, Python %s has %q", c[0], got, ref.Python, c[1])
		}
	}
	for _, c := range ref.Paper {
		if got := Paper(c[0]); got != c[1] {
			t.Errorf("Paper(%q) = %q, Python %s has %q", c[0], got, ref.Python, c[1])
		}
	}
}

func TestASCII(t *testing.T) {
	for in, want := range map[string]string{
		"<br />It&#39;s <b>na\u00efve</b>,\n\u201cquoted\u201d\u2014well": `It's naive , "quoted"--well`,
		"a < b\nand c > d":        "a < b and c > d",
		"a <b>c < d":              "a c < d",
		"&lt;i&gt;&eacute;":       "<i>e",
		"5 \u2605 \u4f60\u597d x": "5 x",
		"\u1fff \x1c y":           "y",
		"":                        "",
	} {
		if got := ASCII(in); got != want {
			t.Errorf("ASCII(%q) = %q, want %q", in, got, want)
		}
	}
}

// TestTransliterateAgainstUnidecode: nine of ten Latin letters and signs of print are what Unidecode makes of them.
func TestTransliterateAgainstUnidecode(t *testing.T) {
	ref := readReference(t)
	same := 0
	var other []string
	for _, c := range ref.Unidecode {
		if got := Transliterate(c[0]); got == c[1] {
			same++
		} else {
			other = append(other, c[0]+" "+got+" "+c[1])
		}
	}
	if n := len(ref.Unidecode); same*10 < n*9 {
		t.Errorf("%d of %d are what Unidecode makes; others (ours, theirs): %s", same, n, strings.Join(other, ", "))
	}
}

func FuzzClean(f *testing.F) {
	f.Add("<p>a&amp;#38;&#x1f600;\u00e9\n")
	f.Fuzz(func(t *testing.T, text string) {
		if !utf8.ValidString(text) {
			return
		}
		p := Paper(text)
		if !utf8.ValidString(p) || strings.Contains(p, "\n") || strings.TrimFunc(p, isSpace) != p {
			t.Errorf("Paper(%q) = %q", text, p)
		}
		for _, c := range []byte(ASCII(text)) {
			if c >= utf8.RuneSelf || c == '\n' {
				t.Fatalf("ASCII(%q) = %q", text, ASCII(text))
			}
		}
	})
}

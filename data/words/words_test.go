package words

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode"
)

func TestSplit(t *testing.T) {
	for text, want := range map[string]string{
		"":                             "",
		" \t\n":                        "",
		"Big cats like small cats.":    "big cats like small cats .",
		"I DON'T know; it’s 'quoted'!": "i don't know ; it's ' quoted ' !",
		"10/10, naïve e\u0301t\u00e9":  "10 / 10 , naïve e\u0301t\u00e9",
		"''a'":                         "' ' a '",
		"แมว 猫":                        "แมว 猫",
		"a\xffb":                       "a \ufffd b",
	} {
		if got := strings.Join(Split(text), " "); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

func TestVocabulary(t *testing.T) {
	counts := map[string]int{"like": 3, "cats": 9, "big": 3, "small": 1}
	v := Most(counts, 3)
	if fmt.Sprint(v.Names) != "[<unknown> cats big like]" {
		t.Errorf("names %q", v.Names)
	}
	for _, w := range []Vocabulary{v, Of(v.Names)} {
		if got := w.Numbers("Cats like <unknown> small BIG cats"); !slices.Equal(got, []int32{1, 3, 0, 0, 0, 0, 2, 1}) {
			t.Errorf("numbers %v", got)
		}
	}
	if all := Most(counts, 100); len(all.Names) != 5 {
		t.Errorf("%q", all.Names)
	}
}

// No word is empty, has a space or is Unknown, and nothing but spaces is lost.
func FuzzSplit(f *testing.F) {
	for _, text := range []string{"Don't!", "a’b' c", "<unknown>", "\xff\u0301", "İstanbul"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		words := Split(text)
		for _, w := range words {
			if w == "" || w == Unknown || strings.ContainsFunc(w, unicode.IsSpace) {
				t.Fatalf("%q has the word %q", text, w)
			}
		}
		whole := strings.Map(func(r rune) rune {
			if unicode.IsSpace(r) {
				return -1
			}
			return r
		}, strings.ToValidUTF8(strings.ToLower(text), "\ufffd"))
		if got := strings.Join(words, ""); strings.ReplaceAll(got, "'", "’") != strings.ReplaceAll(whole, "'", "’") && !strings.Contains(whole, "\ufffd") {
			t.Fatalf("%q became %q", text, got)
		}
	})
}

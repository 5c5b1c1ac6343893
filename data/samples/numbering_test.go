package samples

import (
	"strings"
	"testing"
)

func TestNumberedAs(t *testing.T) {
	schema := func(classes ...string) Schema {
		return Schema{Parts: []Part{{Name: "class", Element: Int32, Shape: []int{}, Classes: classes}}}
	}
	for _, c := range []struct {
		a, b []string
		want string // a part of the error, or ""
	}{
		{[]string{"cat", "dog"}, []string{"cat", "dog"}, ""},
		{[]string{"cat", "dog"}, []string{"cat", "dog", "owl"}, ""}, // the numbers of both are alike
		{[]string{"cat", "dog"}, nil, ""},
		{[]string{"cat", "dog"}, []string{"0", "1"}, ""}, // called by numbers, for want of names
		{[]string{"cat", "dog"}, []string{"dog", "owl"}, `number 0 of the part class is "cat" in the one and "dog" in the other`},
		{[]string{"0", "1", "2"}, []string{"1", "2"}, `number 0 of the part class is "0" in the one and "1" in the other`},
		{[]string{"cat", "dog"}, []string{"cat", "owl"}, "number 1"},
	} {
		for _, turned := range []bool{false, true} {
			a, b := schema(c.a...), schema(c.b...)
			if turned {
				a, b = b, a
			}
			err := a.NumberedAs(b, []string{"class"})
			if (err == nil) != (c.want == "") || err != nil && !turned && !strings.Contains(err.Error(), c.want) {
				t.Errorf("%q and %q: %v, want %q", c.a, c.b, err, c.want)
			}
			if err := a.NumberedAs(b, []string{"image"}); err != nil {
				t.Errorf("a part that nobody reads: %v", err)
			}
		}
	}
}

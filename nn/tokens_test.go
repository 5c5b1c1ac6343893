package nn

import (
	"errors"
	"strings"
	"testing"
)

func TestTokensCheck(t *testing.T) {
	for _, c := range []struct {
		input, target int32
		want          string
	}{
		{0, -1, ""}, {9, 9, ""},
		{-1, 0, "input -1 at place 1 is not one of the model's 10 symbols"},
		{10, 0, "input 10"},
		{0, 10, "target 10 at place 1"},
	} {
		tokens, targets := &Tokens{Vocab: 10, Input: []int32{1, c.input}}, &Targets{Target: []int32{1, c.target}}
		err := errors.Join(tokens.Check(), targets.Check(10))
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%+v: error %v", c, err)
		}
	}
}

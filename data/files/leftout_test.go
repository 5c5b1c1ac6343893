package files

import (
	"fmt"
	"strings"
	"testing"
)

func TestTally(t *testing.T) {
	left := []LeftOut{{Reason: Hidden}, {Reason: Excluded}, {Reason: Log}, {Reason: Log}}
	if got := Tally(left); got != "2 log, 1 excluded, 1 hidden" || Tally(nil) != "nothing" {
		t.Error(got)
	}
}

func TestRefuse(t *testing.T) {
	if Refuse(nil) != nil {
		t.Error("an error for nothing")
	}
	var left []LeftOut
	for i := range 25 {
		left = append(left, LeftOut{Path: fmt.Sprintf("a\x1b%d", i), Reason: "odd", Detail: "byte 0x00", Offset: int64(i)})
	}
	lines := strings.Split(Refuse(left).Error(), "; ")
	if len(lines) != 21 || lines[0] != `"a\x1b0": odd: byte 0x00 at offset 0` || lines[20] != "and 5 more" {
		t.Errorf("%q", lines)
	}
}

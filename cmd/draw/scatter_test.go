package draw

import (
	"bytes"
	"math"
	"strings"
	"testing"
)

func TestScatter(t *testing.T) {
	c := &Scatter{Title: "networks", X: "images/s", Y: "top-1", LogX: true, Marks: []Mark{
		{Name: "small", X: 100, Y: 70, Area: 1}, {Name: "large", X: 2, Y: 80, Area: 16}, {Name: "none", X: 0, Y: 60, Area: 4}, {Name: "nowhere", X: 3, Y: math.NaN(), Area: 4}}}
	var b strings.Builder
	if err := c.Scene().SVG(&b); err != nil {
		t.Fatal(err)
	}
	text := b.String()
	// The area of one is 16 times the other's, so the radius is 4 times; the larger one lies behind.
	first, second := strings.Index(text, `r="26"`), strings.Index(text, `r="6.5"`)
	if first < 0 || second < first || strings.Contains(text, "NaN") {
		t.Errorf("discs at %d and %d in\n%s", first, second, text)
	}
	for name, want := range map[string]bool{"small": true, "large": true, "none": false, "nowhere": false} {
		if strings.Contains(text, ">"+name+"<") != want {
			t.Errorf("%s is named: %v", name, !want)
		}
	}
	var p bytes.Buffer
	if err := c.Scene().PNG(&p); err != nil || p.Len() < 1000 {
		t.Errorf("a picture of %d bytes, %v", p.Len(), err)
	}
}

// TestLabels finds another side for a name where the first is taken, and none where all are.
func TestLabels(t *testing.T) {
	s := &Scene{Width: 400, Height: 300}
	at := Point{200, 150}
	var taken []rectangle
	for range 20 {
		r, ok := label("a name", at, s, taken)
		if !ok {
			break
		}
		for _, o := range taken {
			if r.meets(o) {
				t.Fatalf("%v meets %v", r, o)
			}
		}
		taken = append(taken, r)
	}
	if len(taken) < 4 || len(taken) > 12 {
		t.Errorf("%d names around one place", len(taken))
	}
}

package cmd

import (
	"bytes"
	"fmt"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/rondo-ml/rondo/nn/projection/projector"
	"github.com/rondo-ml/rondo/tensor"
)

var circle = regexp.MustCompile(`<circle cx="([^"]*)" cy="([^"]*)" r="2.5" fill="([^"]*)"`)

// PCA in two dimensions of points that have two keeps what lies between them, so the picture must, too, at one scale for both axes.
func TestPlotPoints(t *testing.T) {
	dir := t.TempDir()
	places := [][2]float64{{0, 0}, {9, 1}, {4, 3}, {-6, 0.5}, {8, -2}, {1, 5}}
	points, labels := "", "label\tkind\tsize\n"
	for i, p := range places {
		points += fmt.Sprintf("%g\t%g\n", p[0], p[1])
		labels += fmt.Sprintf("p<%d>\t%s\t%d\n", i, []string{"b", "a"}[i%2], i)
	}
	for name, text := range map[string]string{"x.tsv": points, "labels.tsv": labels} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	plot := func(words ...string) (int, string) {
		var out bytes.Buffer
		status := Execute(t.Context(), append([]string{"plot", "points", filepath.Join(dir, "x.tsv"), "--labels", filepath.Join(dir, "labels.tsv"), "--cache", dir}, words...), &out, &out)
		return status, out.String()
	}
	svg, picture := filepath.Join(dir, "x.svg"), filepath.Join(dir, "x.png")
	if status, out := plot("--color", "kind", "--out", svg); status != 0 || out != svg+"\n" {
		t.Fatalf("%d: %s", status, out)
	}
	text, err := os.ReadFile(svg)
	if err != nil {
		t.Fatal(err)
	}
	drawn := map[string][][2]float64{}
	for _, c := range circle.FindAllStringSubmatch(string(text), -1) {
		x, _ := strconv.ParseFloat(c[1], 64)
		y, _ := strconv.ParseFloat(c[2], 64)
		drawn[c[3]] = append(drawn[c[3]], [2]float64{x, y})
	}
	a, b := drawn["#3358c4"], drawn["#d9480f"] // kinds in their order have the first colors
	if len(drawn) != 2 || len(a) != 3 || len(b) != 3 {
		t.Fatalf("drawn are %v", drawn)
	}
	far := func(p, q [2]float64) float64 { return math.Hypot(p[0]-q[0], p[1]-q[1]) }
	all, of := append(a, b...), []int{1, 3, 5, 0, 2, 4}
	scale := far(all[0], all[1]) / far(places[of[0]], places[of[1]])
	for i := range all {
		for j := range i {
			if want := scale * far(places[of[i]], places[of[j]]); math.Abs(far(all[i], all[j])-want) > 0.1 {
				t.Errorf("points %d and %d are %v pixels apart, want %v", of[i], of[j], far(all[i], all[j]), want)
			}
		}
	}
	for _, want := range []string{"6 points by PCA", "p&lt;3&gt;", ">a</text>", ">b</text>", "% of the variance"} {
		if !strings.Contains(string(text), want) {
			t.Errorf("the picture lacks %s", want)
		}
	}
	if status, out := plot("--names=false", "--side", "300", "--method", "pca,umap", "--neighbors", "3", "--out", picture); status != 0 {
		t.Fatal(out)
	}
	f, err := os.Open(picture)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if m, err := png.DecodeConfig(f); err != nil || m.Height < 600 || m.Height > 800 {
		t.Errorf("two charts of 300 pixels are %d high: %v", m.Height, err)
	}
	if status, out := plot("--color", "kind"); status != 0 || !strings.Contains(out, "by PCA") || strings.Count(out, "⣿") != 2 || !strings.ContainsFunc(out, func(r rune) bool { return r > 0x2800 && r < 0x28ff }) {
		t.Errorf("%d: %s", status, out)
	}
	for want, words := range map[string][]string{"label, kind, size is known": {"--color", "colour"}, "pictures are written as": {"--out", "x.gif"}, "from 200 to 8000": {"--side", "3"}, "--dims": {"--dims", "3"}} {
		if status, out := plot(words...); status != 2 || !strings.Contains(out, want) {
			t.Errorf("%v: %d %s, want %s", words, status, out, want)
		}
	}
}

// Few kinds have a color each, many numbers lie on a ramp, and of many other kinds the rare ones share one.
func TestPointGroups(t *testing.T) {
	set := &projector.Set{Points: tensor.NewMatrix(60, 2), Columns: []string{"word", "digit", "number", "letter"}, Values: make([][]string, 4)}
	for i := range 60 {
		for c, v := range []string{fmt.Sprint("w", i), fmt.Sprint(i % 12), fmt.Sprint(i), string(rune('A' + max(0, i-30)))} {
			set.Values[c] = append(set.Values[c], v)
		}
	}
	for color, want := range map[string]string{
		"":       "1 0,1,2,3,4,5,6,7,8,9,10,11 0 1",
		"number": "2 0 to 7.38,7.38 to 14.8,14.8 to 22.1,22.1 to 29.5,29.5 to 36.9,36.9 to 44.2,44.2 to 51.6,51.6 to 59 0 7",
		"letter": "3 A,B,C,D,E,F,G,H,I,J,K,L,M,N,O,P,Q,R,S,T,others 0 20",
		"none":   "-1  0 0",
	} {
		g, err := groupsOf(set, color)
		if got := fmt.Sprint(g.column, " ", strings.Join(g.names, ","), " ", g.of[0], " ", g.of[map[bool]int{true: 1, false: 59}[color == ""]]); err != nil || got != want || len(g.colors) != len(g.names) {
			t.Errorf("%q: %s, want %s; %v", color, got, want, err)
		}
		seen := map[any]bool{}
		for _, c := range g.colors {
			seen[c] = true
		}
		if len(seen) != len(g.colors) {
			t.Errorf("%q: %d kinds have %d colors", color, len(g.colors), len(seen))
		}
	}
	same := &projector.Set{Points: tensor.NewMatrix(2, 2), Columns: []string{"a"}, Values: [][]string{{"5", "5"}}}
	if g, err := groupsOf(same, "a"); err != nil || len(g.names) != 1 || g.of[1] != 0 {
		t.Errorf("%+v, %v", g, err)
	}
}

package wordvectors

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/rondo-ml/rondo/tensor"
)

// TestReference compares with vectors of NumPy and scikit-learn, and finds the same bits on any number of threads.
func TestReference(t *testing.T) {
	text, err := os.ReadFile("testdata/reference.json")
	if err != nil {
		t.Fatal(err)
	}
	var sets map[string]struct {
		Vocabulary int
		Texts      [][]int32
		Share      float64
		Table      [][]float64
	}
	if err := json.Unmarshal(text, &sets); err != nil || len(sets) != 2 {
		t.Fatalf("%d sets, %v", len(sets), err)
	}
	pool := tensor.NewPool(3)
	defer pool.Close()
	for name, want := range sets {
		texts, width := Texts{want.Vocabulary, want.Texts}, len(want.Table[0])
		got, err := PCA(nil, texts, width)
		if err != nil {
			t.Fatal(err)
		}
		if math.Abs(got.Share-want.Share) > 1e-9 {
			t.Errorf("%s: %v of the variance, want %v", name, got.Share, want.Share)
		}
		for w, row := range want.Table {
			for k, v := range row {
				if e := float64(got.Table.Row(w)[k]); math.Abs(e-v) > 1e-7 {
					t.Errorf("%s: word %d, number %d: %v, want %v", name, w, k, e, v)
				}
			}
		}
		again, err := PCA(pool, texts, width)
		if err != nil || !slices.Equal(again.Table.Data, got.Table.Data) {
			t.Errorf("%s: three threads give other vectors, or %v", name, err)
		}
	}
}

func TestErrors(t *testing.T) {
	twice := [][]int32{{1, 2}, {3}, {1, 2}, {3}, {2, 1}}
	for want, c := range map[string]struct {
		words [][]int32
		width int
	}{
		"text 1 has word 9 of a vocabulary of 4":                               {[][]int32{{1}, {9}}, 1},
		"text 0 has word -1 of":                                                {[][]int32{{-1}, {0}}, 1},
		"vectors of 0 numbers: 5 texts of 4 words have from 1 to 4 directions": {twice, 0},
		"vectors of 5 numbers: 5 texts of 4 words":                             {twice, 5},
		"vectors of 1 numbers: 0 texts of 4 words have from 1 to 0 directions": {nil, 1},
		"vectors of 2 numbers: the texts differ in 1 directions":               {twice, 2},
		"vectors of 1 numbers: the texts differ in 0 directions":               {[][]int32{{1, 2}, {2, 1}, {}}[:2], 1},
		"vectors of 2 numbers: the texts differ in 0 directions":               {make([][]int32, 4), 2},
		"vectors of 3 numbers: 3 texts of 4 words have from 1 to 2 directions": {[][]int32{{1}, {2}, {}}, 3},
	} {
		if _, err := PCA(nil, Texts{4, c.words}, c.width); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}

// Texts are of cats or of stars; the main direction tells which.
func ExamplePCA() {
	names := []string{"<unknown>", "the", "cat", "purrs", "star", "shines"}
	texts := Texts{len(names), [][]int32{{1, 2, 3}, {1, 4, 5}, {2, 3}, {4, 5}, {1, 2}, {1, 4}}}
	v, err := PCA(nil, texts, 1)
	if err != nil {
		panic(err)
	}
	for w, name := range names[2:] {
		fmt.Printf("%-6s %+.3f\n", name, v.Table.Row(2 + w)[0])
	}
	// Output:
	// cat    +0.044
	// purrs  +0.090
	// star   -0.044
	// shines -0.090
}

package survey

import (
	"bytes"
	"errors"
	"image/png"
	"strings"
	"testing"

	"github.com/rondo-ml/rondo/data/samples"
)

// Samples of a set are drawn in the order in which they are asked for; what cannot be drawn says why.
func TestGallery(t *testing.T) {
	schema := samples.Schema{Parts: []samples.Part{{Name: "image", Element: samples.Uint8, Shape: []int{2, 2, 1}}}}
	dir := makeSet(t, 3, schema, func(i int) samples.Sample {
		return samples.Sample{{Shape: []int{2, 2, 1}, Data: bytes.Repeat([]byte{byte(100 * i)}, 4)}}
	})
	opened := 0
	g := NewGallery(func() (samples.Source, error) { opened++; return samples.OpenSource(dir) })
	for range 2 {
		text, err := g.Pictures([]int{2, 0})
		if err != nil {
			t.Fatal(err)
		}
		m, err := png.Decode(bytes.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		first, _, _, _ := m.At(10, 10).RGBA()
		second, _, _, _ := m.At(cellHeight+gap+10, 10).RGBA()
		if m.Bounds().Dx() != 2*cellHeight+gap || first>>8 != 200 || second != 0 {
			t.Errorf("%v: %d and %d", m.Bounds(), first>>8, second)
		}
	}
	if _, err := g.Pictures([]int{3}); err == nil || !strings.Contains(err.Error(), "sample 3 of 3") || opened != 1 || !g.Draws() {
		t.Errorf("opened %d times: %v", opened, err)
	}
	none := NewGallery(func() (samples.Source, error) { return nil, errors.New("away") })
	if _, err := none.Pictures(nil); none.Draws() || err == nil || !strings.Contains(err.Error(), "away") {
		t.Errorf("a set that is away: %v", err)
	}
}

// Whoever asks whether there are pictures does not wait for a set that another one has opened.
func TestGalleryOpensBeside(t *testing.T) {
	begun, goes, drawn := make(chan bool), make(chan bool), make(chan error)
	g := NewGallery(func() (samples.Source, error) { close(begun); <-goes; return nil, errors.New("away") })
	for range 2 {
		go func() { _, err := g.Pictures([]int{0}); drawn <- err }()
	}
	<-begun // once, or the second close is a panic
	if g.Draws() {
		t.Error("a set that is not yet open has pictures")
	}
	close(goes)
	for range 2 {
		if err := <-drawn; err == nil || !strings.Contains(err.Error(), "away") {
			t.Errorf("who waited is told %v", err)
		}
	}
}

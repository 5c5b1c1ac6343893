package cutting

import (
	"encoding/binary"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rondo-ml/rondo/data/files"
	"github.com/rondo-ml/rondo/data/samples"
)

// sound is a WAV file of 16-bit PCM.
func sound(rate uint32, channels uint16, values ...int16) []byte {
	le := binary.LittleEndian
	b := le.AppendUint32([]byte("RIFF"), uint32(36+2*len(values)))
	b = le.AppendUint32(append(b, "WAVEfmt "...), 16)
	b = le.AppendUint16(le.AppendUint16(b, 1), channels)
	b = le.AppendUint32(le.AppendUint32(b, rate), 2*rate*uint32(channels))
	b = le.AppendUint16(le.AppendUint16(b, 2*channels), 16)
	b = le.AppendUint32(append(b, "data"...), uint32(2*len(values)))
	for _, v := range values {
		b = le.AppendUint16(b, uint16(v))
	}
	return b
}

// wide is a WAV file of 24-bit PCM with one sample of 1.
func wide(rate uint32) []byte {
	b := sound(rate, 1, 0, 0)
	b[32], b[34], b[40] = 3, 24, 3
	return append(b[:44], 1, 0, 0, 0)
}

func TestSounds(t *testing.T) {
	dir := t.TempDir()
	in, out := filepath.Join(dir, "in"), filepath.Join(dir, "out")
	put(t, filepath.Join(in, "7_anna_0.wav"), sound(8000, 1, -32768, 5, 32767))
	put(t, filepath.Join(in, "7_anna_9.wav"), sound(8000, 2, 1, 2, 3, 4, -1, -2)) // means of 1.5, 3.5 and -1.5
	put(t, filepath.Join(in, "3_bo_9.wav"), sound(8000, 1))
	put(t, filepath.Join(in, "10_bo_9.wav"), sound(8000, 1, 9))
	put(t, filepath.Join(in, "7_notes.txt"), []byte("notes"))
	put(t, filepath.Join(in, "index"), []byte("x"))
	opts := SoundsOptions{Options: Options{Out: out}, FolderOptions: FolderOptions{Class: `^(\d+)_`, HeldOutMatch: `_[0-4]\.wav$`}}
	sum, err := Sounds(opts, []string{in})
	if err != nil || fmt.Sprint(sum.Classes) != "[3 7 10]" || files.Tally(sum.LeftOut) != "1 no class, 1 not a WAV file" {
		t.Fatalf("%+v, %v", sum, err)
	}
	train, valid, schema := all(t, out)
	if p := schema.Parts[0]; p.Rate != 8000 || p.Element != samples.Int16 || len(train) != 3 || len(valid) != 1 {
		t.Errorf("%+v, %d and %d samples", p, len(train), len(valid))
	}
	if x := valid[0][0].Int16s(); !slices.Equal(x, []int16{-32768, 5, 32767}) {
		t.Errorf("%v", x)
	}
	for _, s := range train {
		if string(s[2].Data) == "7_anna_9.wav" && !slices.Equal(s[0].Int16s(), []int16{2, 4, -2}) {
			t.Errorf("mono: %v", s[0].Int16s())
		}
	}
	put(t, filepath.Join(in, "3_bo_1.wav"), wide(8000))
	opts.Overwrite = true
	if _, err := Sounds(opts, []string{in}); err != nil {
		t.Fatal(err)
	}
	_, valid, schema = all(t, out)
	if x := valid[0][0].Float32s(); schema.Parts[0].Element != samples.Float32 || len(x) != 1 || x[0] != 1.0/(1<<23) {
		t.Errorf("%+v: %v", schema.Parts[0], x)
	}
}

func TestUnreadableSounds(t *testing.T) {
	dir := t.TempDir()
	in, out := filepath.Join(dir, "in"), filepath.Join(dir, "out")
	put(t, filepath.Join(in, "a", "1.wav"), sound(8000, 1, 1))
	put(t, filepath.Join(in, "a", "2.wav"), sound(8000, 1, 1))
	put(t, filepath.Join(in, "a", "fast.wav"), sound(44100, 1, 1))
	put(t, filepath.Join(in, "a", "cut.wav"), sound(8000, 1, 1, 2)[:45])
	put(t, filepath.Join(in, "a", "mp3.wav"), []byte("\xff\xfb"))
	_, err := Sounds(SoundsOptions{Options: Options{Out: out}}, []string{in})
	var unread *UnreadableError
	if !errors.As(err, &unread) || len(unread.List) != 3 {
		t.Fatal(err)
	}
	for i, want := range []string{"cut.wav: unreadable: cut short", "fast.wav: unreadable: 44100 Hz, and most other files have 8000", "mp3.wav: unreadable: not a WAV file"} {
		if got := unread.List[i].Error(); !strings.Contains(got, want) {
			t.Errorf("%s, want %q", got, want)
		}
	}
	wantNothing(t, "unreadable sounds", out)
}

// With a rate for all, sounds of others are resampled, and what passes the range of int16 is clipped.
func TestSoundsOfOneRate(t *testing.T) {
	dir := t.TempDir()
	in, out := filepath.Join(dir, "in"), filepath.Join(dir, "out")
	loud := make([]int16, 400)
	for i := range loud {
		loud[i] = 32767
		if i/20%2 == 1 {
			loud[i] = -32768
		}
	}
	put(t, filepath.Join(in, "a", "1.wav"), sound(8000, 1, loud...))
	put(t, filepath.Join(in, "a", "2.wav"), sound(16000, 1, 1, 2, 3))
	opts := SoundsOptions{Options: Options{Out: out}, Rate: 16000}
	if _, err := Sounds(opts, []string{in}); err != nil {
		t.Fatal(err)
	}
	train, _, schema := all(t, out)
	if schema.Parts[0].Rate != 16000 || len(train) != 2 {
		t.Fatalf("%+v, %d samples", schema.Parts[0], len(train))
	}
	for _, s := range train {
		x := s[0].Int16s()
		switch string(s[2].Data) {
		case "a/1.wav":
			if len(x) != 800 || slices.Max(x) != 32767 || slices.Min(x) != -32768 || x[20] < 20000 || x[60] > -20000 {
				t.Errorf("%d samples from %d to %d: %v", len(x), slices.Min(x), slices.Max(x), x[:100])
			}
		case "a/2.wav":
			if !slices.Equal(x, []int16{1, 2, 3}) {
				t.Errorf("of the rate already: %v", x)
			}
		}
	}
	opts.Rate, opts.Overwrite = -1, true
	if _, err := Sounds(opts, []string{in}); err == nil || !strings.Contains(err.Error(), "--rate") {
		t.Error(err)
	}
}

// The format of a file counts wherever in it that stands: behind a cover picture, for one.
func TestSoundsFormatFarIn(t *testing.T) {
	dir := t.TempDir()
	far := func(b []byte) []byte {
		cover := append(binary.LittleEndian.AppendUint32([]byte("LIST"), 1<<17), make([]byte, 1<<17)...)
		return slices.Concat(b[:12], cover, b[12:])
	}
	put(t, filepath.Join(dir, "in", "a", "1.wav"), far(wide(16000)))
	put(t, filepath.Join(dir, "in", "a", "2.wav"), sound(8000, 1, 7, 7))
	opts := SoundsOptions{Options: Options{Out: filepath.Join(dir, "out")}, Rate: 8000}
	if _, err := Sounds(opts, []string{filepath.Join(dir, "in")}); err != nil {
		t.Fatal(err)
	}
	if _, _, schema := all(t, opts.Out); schema.Parts[0].Element != samples.Float32 || schema.Parts[0].Rate != 8000 {
		t.Errorf("%+v", schema.Parts[0])
	}
}

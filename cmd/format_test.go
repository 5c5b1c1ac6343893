package cmd

import (
	"testing"
	"time"
)

func TestFormats(t *testing.T) {
	for _, c := range []struct{ got, want string }{
		{bytesText(0), "0 bytes"},
		{bytesText(999), "999 bytes"},
		{bytesText(12_345_678), "12.3 MB"},
		{bytesText(9e18), "9000000.0 TB"},
		{rateText(0), "0"},
		{rateText(999.4), "999"},
		{rateText(34_100), "34.1k"},
		{rateText(2_345_678), "2.35M"},
		{durationText(1234 * time.Millisecond), "1.2s"},
		{durationText(130*time.Second + 400*time.Millisecond), "2m10s"},
		{durationText(24*time.Hour - time.Second), "23h59m59s"},
		{durationText(39*time.Hour + 40*time.Minute), "1.7 d"},
		{durationText(1247*time.Hour + 12*time.Minute), "52.0 d"},
		{countText(1, "step"), "1 step"},
		{countText(0, "step"), "0 steps"},
		{bitsText(2.41349, 3), "2.413"},
		{bitsText(6.2e31, 3), "6.200e+31"},
		{shellText("rondo", "train", "a b.yaml", "--set", "x=1", ""), "rondo train 'a b.yaml' --set x=1 ''"},
		{shellText("it's", "$HOME", "*"), `'it'\''s' '$HOME' '*'`},
		{indent("  one\ntwo\n"), "    one\n    two"},
		{indent("a\xff\x1b[2J"), `    a\xff\x1b[2J`},
	} {
		if c.got != c.want {
			t.Errorf("got %q, want %q", c.got, c.want)
		}
	}
}
